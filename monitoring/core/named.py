"""What the client of one connection is called: by the project, or else by its URL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial, wraps
from sys import intern
from typing import Any

from monitoring.core.client_names import ID_ALLOWED, UNKNOWN, Client, KnownNames, free_id, is_id, names_in
from monitoring.core.collector import MetricsCollector
from monitoring.core.identification import WHAT, refused_text
from monitoring.core.inputs import echo
from monitoring.core.monitored import Scope, given_client_id

logger = logging.getLogger(__name__)

Method = Callable[..., None]


def rescued(what: str) -> Callable[[Method], Method]:
    """A method of a connection that never raises: failures are counted and logged under this name."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        def guarded(self: Named, *values: Any, **named: Any) -> None:
            try:
                method(self, *values, **named)
            except Exception:
                self._collector.rescue.failed(what)

        return guarded

    return decorate


class Named:
    """The names of one connection's client, which may change while it is connected.

    The id is what the project says, else the one in the URL. A taken one gets a number; a client without any gets a
    random one.
    """

    __slots__ = ("_collector", "_loop", "_said", "_wanted", "client_id", "open", "room", "user")

    def __init__(self, scope: Scope, collector: MetricsCollector) -> None:
        self._collector = collector
        self._loop = running_loop()
        self._said = UNKNOWN
        self.open = False
        self.user: str | None = None
        self.room: str | None = None
        self._wanted = self._requested(scope)
        self.client_id = ""
        self.choose_id()

    def choose_id(self) -> None:
        """Keeps a random id, if nobody else has it."""
        if self._wanted is not None or not self.client_id or self._is_anothers(self.client_id):
            self.client_id = free_id(self._wanted, self._is_anothers)

    @rescued(WHAT)
    def identify(self, id: Any = None, user: Any = None, room: Any = None) -> None:  # noqa: A002 - as in Client
        """The consumer says who the client is; what it says stays, whatever `monitored(identify=…)` finds later."""
        names, wrong = names_in(Client(id, user, room))
        # A consumer of threads is not on the loop, where everything is counted.
        if self._loop is None or self._loop is running_loop():
            self._say(names, wrong)
        else:
            self._loop.call_soon_threadsafe(partial(self._say, names, wrong))

    @rescued(WHAT)
    def identified(self, names: KnownNames, *, failed: bool = False) -> None:
        """What `monitored(identify=…)` found; if it failed, the client gets a random id."""
        said = self._said
        if failed and said.id is None:
            self._wanted = None
            self._rename()
        self._apply(
            KnownNames(
                names.id if said.id is None else None,
                names.user if said.user is None else None,
                names.room if said.room is None else None,
            )
        )

    @rescued(WHAT)
    def _say(self, names: KnownNames, wrong: dict[str, str]) -> None:
        if wrong:
            self._collector.rescue.refused(WHAT, refused_text(wrong))
        said = self._said
        self._said = KnownNames(
            names.id or said.id,
            said.user if names.user is None else names.user,
            said.room if names.room is None else names.room,
        )
        self._apply(names)

    def _apply(self, names: KnownNames) -> None:
        if names.user is not None:
            self.user = names.user or None
        if names.room is not None:
            # One string for all clients of a room.
            self.room = intern(names.room) or None
        if names.id is not None:
            self._wanted = names.id
            self._rename()
        if self.open and names != UNKNOWN:
            self._update()

    def _rename(self) -> None:
        """Moves everything that is kept under the client's id to its new one."""
        before, after = self.client_id, free_id(self._wanted, self._is_anothers)
        self.client_id = after
        collector = self._collector
        if not self.open or before == after or before not in collector.client_metrics:
            return
        client = collector.client_metrics.pop(before)
        collector.now.forget(before)
        collector.sessions.renamed(client, after)
        client.client_id = after
        collector.client_metrics[after] = client
        collector.connections.rename(before, after)
        collector.verdicts.renamed(before, after)
        collector.sessions.changed(client)

    def _update(self) -> None:
        client = self._collector.client_metrics.get(self.client_id)
        if client is not None and (client.user, client.room) != (self.user, self.room):
            client.user, client.room = self.user, self.room
            self._collector.sessions.changed(client)

    def _is_anothers(self, client_id: str) -> bool:
        is_own = self.open and client_id == self.client_id
        return client_id in self._collector.client_metrics and not is_own

    def _requested(self, scope: Scope) -> str | None:
        """The id in the URL, if it can be taken."""
        given = given_client_id(scope)
        if is_id(given):
            return given
        if given and self._collector.rescue.is_due("client_id"):
            logger.warning(
                "client_id=%s on %s: the client gets a random id, because one must be %s",
                echo(given),
                echo(str(scope.get("path", "")), 200),
                ID_ALLOWED,
            )
        return None


def running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
