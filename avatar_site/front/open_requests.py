"""Ends a server's HTTP requests before its event loop, because their threads would wait forever for an answer."""

from __future__ import annotations

import asyncio

from monitoring.core.asgi_types import ASGIApplication, Message, Receive, Scope, Send

GRACE_SECONDS = 1.0
"""How long a request has to end by itself once its server stops."""

CANCEL_SECONDS = 6.0
"""Cancelled this much later. Django waits for a request's thread for longer than a database connection is attempted."""

AWAY_STATUS, AWAY = 503, b"the server is going away\n"
AWAY_HEADERS = [
    (b"content-type", b"text/plain"),
    (b"content-length", b"%d" % len(AWAY)),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"1"),
    (b"connection", b"close"),
]


class OpenRequests:
    """Wraps an ASGI application and tracks its open HTTP requests.

    When daphne stops, it cancels its requests and keeps accepting others. Django continues the work of a cancelled
    request, and the thread that does it keeps the process from ending once the loop no longer runs. So no new request
    is accepted, and the open ones end as if their clients had left.
    """

    def __init__(self, app: ASGIApplication) -> None:
        self.app = app
        self._open: set[_Request] = set()
        self._closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._closed:
            await send({"type": "http.response.start", "status": AWAY_STATUS, "headers": AWAY_HEADERS})
            await send({"type": "http.response.body", "body": AWAY})
        else:
            request = _Request(self.app, scope, receive, send)
            self._open.add(request)
            request.work.add_done_callback(lambda _: self._open.discard(request))
            await request.done()

    async def start(self) -> None:
        """Accepts requests again; it tracks them from the first one."""
        self._closed = False

    async def stop(self) -> None:
        """Returns when no request is left; from now on requests are answered with 503 and get no thread."""
        self._closed = True
        await asyncio.gather(*(request.end() for request in self._open))


class _Request:
    def __init__(self, app: ASGIApplication, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._receiving: asyncio.Future[Message] | None = None
        self._is_told = False
        self.work = asyncio.ensure_future(app(scope, self._receive_or_be_told, send))

    async def done(self) -> None:
        """Waits for the answer. If the server cancels it, the work is still ended and waited for."""
        try:
            await asyncio.shield(self.work)
        except asyncio.CancelledError:
            await self.end()
            raise

    async def end(self) -> None:
        """Returns when the work has ended: by itself, because its client is said to have left, or cancelled."""
        for seconds, then in ((GRACE_SECONDS, self._tell), (CANCEL_SECONDS, self.work.cancel)):
            await asyncio.wait([self.work], timeout=seconds)
            if self.work.done():
                return
            then()
        await asyncio.wait([self.work])

    def _tell(self) -> None:
        self._is_told = True
        if self._receiving is not None:
            self._receiving.cancel()

    async def _receive_or_be_told(self) -> Message:
        try:
            if not self._is_told:
                self._receiving = asyncio.ensure_future(self._receive())
                return await self._receiving
        except asyncio.CancelledError:
            if not self._is_told:
                raise
        return {"type": "http.disconnect"}
