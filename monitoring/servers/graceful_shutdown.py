"""Tells open WebSockets that the server is going away, which daphne itself does not do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from monitoring.core.asgi_types import ASGIApplication, Receive, Scope, Send
from monitoring.core.connection import FAREWELL_KEY

logger = logging.getLogger(__name__)

GOING_AWAY = 4012
"""Come back later; daphne lets an application close only with 1000 or 3000 to 4999."""

GRACE_SECONDS = 1.5
FLUSH_SECONDS = 0.1


class _Open(NamedTuple):
    """An open WebSocket, and who wants to know with which code and why it is closed from here."""

    send: Send
    farewell: list[Callable[[int, str], object]]


class GracefulShutdown:
    """Tracks the open WebSockets of the ASGI applications that it wraps; costs nothing per message.

    `going` is called when it begins to send them away.
    """

    def __init__(self, going: Callable[[], object] = lambda: None) -> None:
        self._tell_going = going
        self._open: dict[asyncio.Task[Any], _Open] = {}
        self._going = False

    def around(self, app: ASGIApplication) -> ASGIApplication:
        """The application, whose WebSockets are sent away when the server stops."""

        async def tracked(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket":
                await self._websocket(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return tracked

    async def _websocket(self, app: ASGIApplication, scope: Scope, receive: Receive, send: Send) -> None:
        if self._going:
            # A client that was told a moment ago may be back already.
            await self._close(send)
            return
        task = asyncio.current_task()
        assert task is not None
        open_socket = self._open[task] = _Open(send, [])
        # Not as soon as the application returns: consumers that daphne cancels while it stops must still be told.
        task.add_done_callback(self._forget)
        await app({**scope, FAREWELL_KEY: open_socket.farewell}, receive, send)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._open.pop(task, None)

    async def start(self) -> None:
        """Admits clients; it tracks them from the first connection."""
        self._going = False

    async def stop(self) -> None:
        """Closes every WebSocket with GOING_AWAY, waits 1.5 s for the consumers to end, and cancels the rest.

        Nobody is admitted any more, and a consumer that does not end even then is not waited for longer than that
        again.
        """
        self._going = True
        self._tell_going()
        waiting = dict(self._open)
        for one in waiting.values():
            for told in one.farewell:
                told(GOING_AWAY, "server stopped")
        await asyncio.gather(*(self._close(one.send) for one in waiting.values()))
        if waiting:
            # daphne cancels its consumers at the same time, so their end does not mean that the frames were sent.
            await asyncio.sleep(FLUSH_SECONDS)
            _, left = await asyncio.wait(waiting, timeout=GRACE_SECONDS)
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=GRACE_SECONDS)

    async def _close(self, send: Send) -> None:
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await send({"type": "websocket.close", "code": GOING_AWAY})
        except Exception as error:
            # The other side closed a moment ago, or it is not accepted yet: nobody is left to tell.
            logger.debug("Could not tell a client that the server is going away: %s", error)
