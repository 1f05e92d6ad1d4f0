"""What load balancers and supervisors ask: is the process up, and can it do its work. Open to all, so no detail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, Error, OperationalError, connection, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from monitoring import journal, runtime
from monitoring.journals import Journal, stored_here
from monitoring.site import SiteUnknownError, key_of, name

logger = logging.getLogger(__name__)

T = TypeVar("T")

READY_SECONDS = 60
ANSWER_SECONDS = 3.0
"""Less than most balancers wait for an answer; a database that hangs, or whose network does, gives none."""

MAX_LAG_SECONDS = 300.0
"""Five runs of the task that stores the journal."""


class EvictsError(Exception):
    """Redis answers, but does not keep what it is given."""


@never_cache
@require_safe
async def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asynchronous, so that it waits for no thread of another request."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database answers, Redis takes history and the journal is being stored, else 503 with what failed."""
    journals = _answer("database", _journals)
    lags = _answer("redis", lambda: _lags(journals or []))
    failed = [name for name, answer in (("database", journals), ("redis", lags)) if answer is None]
    lag = max(lags) if lags else None
    if lag is not None and lag > MAX_LAG_SECONDS:
        failed.append("journal")
    status = {
        "status": "failed" if failed else "ok",
        "failed": failed,
        "journal_lag_seconds": None if lag is None else round(lag, 1),
        "spilled": _spilled(),
    }
    return JsonResponse(status, status=503 if failed else 200)


def _journals() -> list[Journal]:
    # What is asked of a file does not wait for anybody else's machine.
    if connection.vendor != "sqlite":
        _wait_for_database()
    return stored_here()


def _wait_for_database() -> None:
    """Raises OperationalError when it does not answer in time, or still has not answered who asked before."""
    thread = _asking.get("thread")
    if thread is None or not thread.is_alive():
        thread = _asking["thread"] = threading.Thread(target=_ask, name="is the database there", daemon=True)
        thread.start()
    thread.join(ANSWER_SECONDS)
    if thread.is_alive():
        raise OperationalError(f"it does not answer within {ANSWER_SECONDS:.0f} s")


def _ask() -> None:
    # Whoever waits asks again, and is told why.
    with suppress(Error):
        connection.ensure_connection()
        connection.is_usable()
    connections.close_all()


_asking: dict[str, threading.Thread] = {}
"""One thread of the process at most: a database that hangs holds it until it answers."""


def _lags(journals: list[Journal]) -> list[float]:
    """How far each is behind; of none, when Redis takes and keeps what it is given."""
    with journal.connect(settings.REDIS_URL) as client:
        _take(client)
        if journal.may_evict(client.info("memory")):
            raise EvictsError("its maxmemory-policy deletes history: set it to noeviction")
        return [journal.lag_seconds(client, position, keys) for keys, position in journals]


def _take(client: Redis) -> None:
    """Has Redis take a key. A replica answers, and so does a Redis that is full, but neither takes history."""
    try:
        key = key_of(name(), "ready")
    except SiteUnknownError:
        # Which keys are this site's the database tells, and that it does not is no fault of Redis.
        client.ping()
    else:
        client.set(key, "1", ex=READY_SECONDS)


def _spilled() -> int:
    """How many of this process's batches wait on its disk, because the journal does not take them."""
    writer = runtime.current().journal
    return writer.state.spilled if writer else 0


def _answer(part: str, ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (DatabaseError, RedisError, SiteUnknownError, EvictsError) as error:
        logger.warning("Not ready: the %s check fails: %s", part, error)
        return None
