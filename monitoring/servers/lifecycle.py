"""Starts what runs beside an ASGI application with its server, and stops it before the server goes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from monitoring.core.recorder import ASGIApplication, Receive, Scope, Send
from monitoring.servers import daphne

logger = logging.getLogger(__name__)


class Part(Protocol):
    """Something that runs as long as the server; `start` must not wait for anything that may be away."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Lifecycle:
    """Wraps an ASGI application: parts start in order with the server and stop in the opposite order.

    Under daphne its reactor says when, elsewhere ASGI's lifespan; a server that has neither starts them with its first
    request.
    """

    def __init__(self, app: ASGIApplication, parts: Sequence[Part]) -> None:
        self.app = app
        self.parts = parts
        self._started = False
        if daphne.is_daphne():
            daphne.install(self.start, self.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if not self._started:
            await self.start()
        await self.app(scope, receive, send)

    async def start(self) -> None:
        """Starts all parts, once; one that fails is logged and the others start all the same."""
        if self._started:
            return
        self._started = True
        for part in self.parts:
            try:
                await part.start()
            except Exception:
                logger.exception("%s did not start", type(part).__name__)

    async def stop(self) -> None:
        """Stops all parts, last first."""
        if not self._started:
            return
        self._started = False
        for part in reversed(self.parts):
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
