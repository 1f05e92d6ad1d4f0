"""Starts parts beside an ASGI application with its server, and stops them before the server exits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from monitoring.core.identity import forks
from monitoring.core.recorder import ASGIApplication, Receive, Scope, Send
from monitoring.servers import daphne

logger = logging.getLogger(__name__)


class BackgroundPart(Protocol):
    """Something that runs as long as the server; `start` must not wait for anything that may be away."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Served(NamedTuple):
    """An ASGI application and the parts that run beside it."""

    app: ASGIApplication
    parts: Sequence[BackgroundPart]


class Lifecycle:
    """Wraps an ASGI application: parts start in order with the server and stop in reverse order.

    Under daphne its reactor triggers this, elsewhere ASGI's lifespan; a server that has neither starts them with its
    first request. Application and parts are built at the first start in a process: what a server imports before it
    forks its workers must not hold anything that two processes may not share.
    """

    def __init__(self, build: Callable[[], Served]) -> None:
        self._build = build
        self._served: Served | None = None
        self._built_at = -1
        self._started = False
        self._stopped = False
        if daphne.is_daphne():
            daphne.install(self.start, self.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await (await self._running()).app(scope, receive, send)

    async def start(self) -> None:
        """Starts all parts, once; if one fails, it is logged and the others start anyway."""
        self._stopped = False
        await self._running()

    async def _running(self) -> Served:
        if self._served is None or self._built_at != forks():
            self._served, self._built_at, self._started, self._stopped = self._build(), forks(), False, False
        # Requests still arrive while the server stops, and must not start anything again.
        if not self._started and not self._stopped:
            self._started = True
            await self._start(self._served.parts)
        return self._served

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

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
