"""The probes for load balancers and supervisors: is the process up, can it do its work. Public, so without detail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from monitoring import conf, redis_connections, runtime
from monitoring.database_answer import wait_for_database
from monitoring.journal import stream
from monitoring.journal.unstored import StoredJournal, stored_here
from monitoring.site import SiteUnknownError, key_of, name

logger = logging.getLogger(__name__)

T = TypeVar("T")

READY_SECONDS = 60
MAX_LAG_SECONDS = 300.0
"""Five runs of the task that stores the journal."""


class EvictsError(Exception):
    """Redis answers, but does not keep what it is given."""


@never_cache
@require_safe
async def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asynchronous, so that it waits for no other request's thread."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 if the database answers, Redis accepts history and the journal is being stored; else 503 with what failed.

    Without REDIS_URL there is no history and no journal: the database has to answer, with or without our tables.
    """
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


def _journals() -> list[StoredJournal]:
    wait_for_database()
    if not conf.current().redis_url:
        connection.ensure_connection()
        return []
    return stored_here()


def _lags(journals: list[StoredJournal]) -> list[float]:
    """How far behind each is; nothing for a Redis that accepts and keeps what it is given."""
    redis_url = conf.current().redis_url
    if not redis_url:
        return []
    with redis_connections.connect(redis_url) as client:
        _take(client)
        if stream.may_evict(client.info("memory")):
            raise EvictsError("its maxmemory-policy deletes history: set it to noeviction")
        return [stream.lag_seconds(client, position, keys) for keys, position in journals]


def _take(client: Redis) -> None:
    """Sets a key on Redis. A replica answers, and so does a full Redis, but neither accepts history."""
    try:
        key = key_of(name(), "ready")
    except SiteUnknownError:
        # The database tells which keys are this site's; if it does not, that is not Redis's fault.
        client.ping()
    else:
        client.set(key, "1", ex=READY_SECONDS)


def _spilled() -> int:
    """How many of this process's batches wait on disk because the journal does not accept them."""
    writer = runtime.current().journal
    return writer.state.spilled if writer else 0


def _answer(part: str, ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (Error, ImproperlyConfigured, RedisError, SiteUnknownError, EvictsError) as error:
        # Django says only now if a project has configured no database.
        logger.warning("Not ready: the %s check fails: %s", part, error)
        return None
