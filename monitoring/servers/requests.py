"""Ends a server's HTTP requests before its event loop, for whose answers their threads would wait for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from monitoring.core.recorder import ASGIApplication, Receive, Scope, Send

AWAY_STATUS, AWAY = 503, b"the server is going away\n"
AWAY_HEADERS = [
    (b"content-type", b"text/plain"),
    (b"content-length", b"%d" % len(AWAY)),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"1"),
    (b"connection", b"close"),
]


class Requests:
    """Wraps an ASGI application and knows its open HTTP requests.

    At its stop daphne cancels the requests that it has, but goes on to take others, to each of which Django lends a
    thread. A thread whose request the loop no longer carries on keeps the process from ending.
    """

    def __init__(self, app: ASGIApplication) -> None:
        self.app = app
        self._open: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._closed:
            await send({"type": "http.response.start", "status": AWAY_STATUS, "headers": AWAY_HEADERS})
            await send({"type": "http.response.body", "body": AWAY})
        else:
            task = asyncio.current_task()
            assert task is not None
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            await self.app(scope, receive, send)

    def close(self) -> None:
        """From now on requests are answered with 503, and none gets a thread."""
        self._closed = True

    async def start(self) -> None:
        """Lets requests in; it watches from the first one."""
        self._closed = False

    async def stop(self) -> None:
        """Returns when no request is left; what had not ended by then is cancelled.

        Once, for a second time would part a request from its thread.
        """
        self.close()
        for task in self._open:
            if not task.cancelling():
                task.cancel()
        if self._open:
            await asyncio.wait(self._open)
