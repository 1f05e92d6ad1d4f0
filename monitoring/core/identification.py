"""Asks the host project who a client is, without letting the answer delay or end the client's connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Protocol

from monitoring.core.client_names import UNKNOWN, KnownNames, names_in
from monitoring.core.monitored import Scope
from monitoring.core.rescue import Rescue

Ask = Callable[[Any], Any]
"""The host's function: takes an ASGI scope, returns a Client, an id, or None, perhaps later."""

InThread = Callable[[Ask], Callable[[Any], Awaitable[Any]]]

LONGEST_SECONDS = 10.0
SLOW_SECONDS = 0.05
"""A plain function that holds the event loop up for this long is called in a thread from then on."""

WHAT = "identify"


class Answered(Protocol):
    """Who waits for the answer."""

    def identified(self, names: KnownNames, *, failed: bool = False) -> None: ...


class Identification:
    """Calls the host's `identify` once for each handshake.

    A plain function that only reads the scope answers before the application gets the connection. What takes longer
    runs beside the application: a coroutine function, and a plain one that turned out to need the database or to take
    long, which is called in a thread from then on. An answer that is not there after ten seconds counts as none.
    Exceptions and bad answers are counted and logged; such a client gets a random id.
    """

    def __init__(
        self,
        ask: Ask,
        rescue: Rescue,
        *,
        in_thread: InThread | None = None,
        needs_thread: type[Exception] | tuple[type[Exception], ...] = (),
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._ask = ask
        self._rescue = rescue
        self._ask_in_thread = in_thread(ask) if in_thread is not None else lambda scope: asyncio.to_thread(ask, scope)
        self._needs_thread = needs_thread
        self._is_in_thread = False
        self._longest = longest

    def begin(self, scope: Scope, connection: Answered) -> asyncio.Task[None] | None:
        """Gives the connection its names, now or by the returned task; cancel it when the connection is over."""
        try:
            answer = self._first_answer(dict(scope))
        except (Exception, asyncio.CancelledError):
            # Nothing was awaited, so it is the project's function that raised this, not a server that cancels.
            self._failed(connection)
            return None
        if isawaitable(answer):
            return asyncio.create_task(self._later(answer, connection), name=WHAT)
        self._take(answer, connection)
        return None

    def _first_answer(self, scope: dict[str, Any]) -> Any:
        if self._is_in_thread:
            return self._ask_in_thread(scope)
        began = time.perf_counter()
        try:
            answer = self._ask(scope)
        except self._needs_thread:
            self._is_in_thread = True
            return self._ask_in_thread(scope)
        if time.perf_counter() - began > SLOW_SECONDS:
            self._is_in_thread = not isawaitable(answer)
        return answer

    async def _later(self, answer: Awaitable[Any], connection: Answered) -> None:
        try:
            async with asyncio.timeout(self._longest) as limit:
                found = await answer
                # A plain function that is called in a thread may still return a coroutine.
                if isawaitable(found):
                    found = await found
        except Exception:
            if limit.expired():
                self._rescue.refused(WHAT, f"gave no answer within {self._longest:g} s; its client gets a random id")
                connection.identified(UNKNOWN, failed=True)
            else:
                self._failed(connection)
        else:
            self._take(found, connection)

    def _take(self, answer: object, connection: Answered) -> None:
        try:
            names, wrong = names_in(answer)
        except Exception:
            self._failed(connection)
            return
        if wrong:
            self._rescue.refused(WHAT, refused_text(wrong))
        connection.identified(names, failed="id" in wrong)

    def _failed(self, connection: Answered) -> None:
        self._rescue.failed(WHAT)
        connection.identified(UNKNOWN, failed=True)


def refused_text(wrong: Mapping[str, str]) -> str:
    return f"gave what cannot be taken: {'; '.join(wrong.values())}"
