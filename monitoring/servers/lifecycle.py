"""Starts parts beside an ASGI application with its server, and stops them before the server exits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import NamedTuple, Protocol

from monitoring.core.asgi_types import ASGIApplication, Receive, Scope, Send
from monitoring.core.identity import forks
from monitoring.servers import daphne
from monitoring.servers.lifespan import Lifespan

logger = logging.getLogger(__name__)

OTHERS_SECONDS = 0.1
"""How soon other clients have been sent away after the first one."""

LAST_SECONDS = 5.0
"""How long parts may take to stop once the event loop ends, which nothing but they waits for."""


class BackgroundPart(Protocol):
    """Something that runs as long as the server; `start` must not wait for anything that may be away."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Served(NamedTuple):
    """An ASGI application and the parts that run beside it; `is_stopping` tells if a client was told that the server
    stops."""

    app: ASGIApplication
    parts: Sequence[BackgroundPart]
    is_stopping: Callable[[], bool] = lambda: False


class Lifecycle:
    """Wraps an ASGI application: parts start in order with the server and stop in reverse order.

    Under daphne its reactor triggers this, elsewhere ASGI's lifespan, which the application gets too. A server that has
    neither starts them with its first request, and they stop when it sends its clients away, or when its event loop
    ends. Application and parts are built at the first start in a process: what a server imports before it forks its
    workers must not hold anything that two processes may not share. A test that calls the application without a server
    starts nothing.
    """

    def __init__(self, build: Callable[[], Served]) -> None:
        self._build = build
        self._served: Served | None = None
        self._built_at = -1
        self._started = False
        self._stopped = False
        self._has_lifespan = False
        self._last: asyncio.Task[None] | None = None
        if daphne.is_loaded():
            daphne.install(self.start, self.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._has_lifespan = True
            await Lifespan(self.start, self.stop, receive, send).run(self._current().app, scope)
        elif _is_test(send):
            await self._current().app(scope, receive, send)
        else:
            served = await self._running()
            await served.app(scope, receive, send)
            if served.is_stopping() and not self._has_lifespan:
                # uvicorn waits for its connections, and then ends at once, even in the middle of its event loop.
                await asyncio.sleep(OTHERS_SECONDS)
                await self.stop()

    async def start(self) -> None:
        """Starts all parts, once; if one fails, it is logged and the others start anyway."""
        self._stopped = False
        await self._running()

    def _current(self) -> Served:
        if self._served is None or self._built_at != forks():
            self._served, self._built_at, self._started, self._stopped = self._build(), forks(), False, False
        return self._served

    async def _running(self) -> Served:
        served = self._current()
        # Requests still arrive while the server stops, and must not start anything again.
        if not self._started and not self._stopped:
            self._started = True
            # What belongs to the first request, its context and its being cancelled, is no affair of the parts.
            self._last = asyncio.create_task(
                self._stop_with_the_loop(), name="stopping with the event loop", context=Context()
            )
            await asyncio.shield(asyncio.create_task(self._start(served.parts), name="starting", context=Context()))
        return served

    async def _start(self, parts: Sequence[BackgroundPart]) -> None:
        for part in parts:
            try:
                await part.start()
            except Exception:
                logger.exception("%s did not start", type(part).__name__)

    async def stop(self) -> None:
        """Stops all parts, last first. From then on only `start` starts them again."""
        self._stopped = True
        if self._served is None or not self._started:
            return
        self._started = False
        for part in reversed(self._served.parts):
            try:
                await part.stop()
            except Exception:
                logger.exception("%s did not stop", type(part).__name__)
        last, self._last = self._last, None
        if last is not None and last is not asyncio.current_task():
            last.cancel()

    async def _stop_with_the_loop(self) -> None:
        """Waits to be cancelled, as asyncio does with every task that is left when its loop ends."""
        try:
            await asyncio.Event().wait()
        finally:
            # Otherwise they have been stopped, and perhaps started again.
            if self._last is asyncio.current_task():
                try:
                    async with asyncio.timeout(LAST_SECONDS):
                        await self.stop()
                except TimeoutError:
                    logger.warning("Not everything had stopped %.0f s after the event loop ended", LAST_SECONDS)


def _is_test(send: Send) -> bool:
    """Whether asgiref's test client calls, whose `send` is a queue's: it has no server, and its loop ends at once."""
    return isinstance(getattr(send, "__self__", None), asyncio.Queue)
