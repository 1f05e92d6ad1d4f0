"""What stands before all else of the site, monitoring included: who asks, is there room, is the body too long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from avatar_site.front.addresses import Network, client_address, is_unlimited, source_of
from avatar_site.front.door import Door, Refusal
from monitoring.core.recorder import ASGIApplication, Message, Receive, Scope, Send
from monitoring.runtime import VIEWER_PATHS

MOST_BODY = 256 * 1024
"""Bytes of a request's body: the forms of the site have a few thousand."""

HEALTH = "/healthz"
NEVER_CACHE = b"max-age=0, no-cache, no-store, must-revalidate, private"
AT_ONCE, OF_ONE_ADDRESS = 20, 8
"""Together they open no more than `descriptors.RESERVE`; what comes beyond waits in the order in which it came."""


class BodyTooLongError(Exception):
    """More of a body has come than is taken."""


class Front:
    """Wraps the whole application of the site.

    `/healthz` is answered here, where neither threads nor the database nor a busy middleware keep it waiting.
    """

    def __init__(self, app: ASGIApplication, door: Door) -> None:
        self.app = app
        self._door = door
        self._lanes = Lanes(door.limits.trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = self._with_client(scope)
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            await _answer(send, 200, b'{"status": "ok"}', b"application/json", NEVER_CACHE)
        else:
            await self._http(scope, receive, send)

    def _with_client(self, scope: Scope) -> Scope:
        peer = scope.get("client")
        address = client_address(peer[0] if peer else None, scope["headers"], self._door.limits.trusted)
        if address is None or (peer and address == peer[0]):
            return scope
        # The port is that of the proxy's own connection, which says nothing of the client.
        return {**scope, "client": [address, 0]}

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        address = client[0] if client else None
        viewer = scope["path"] in VIEWER_PATHS
        refusal = self._door.refusal(address, viewer=viewer)
        if refusal is not None:
            self._door.refused(refusal, address)
            await _deny(scope, receive, send, refusal)
            return
        with self._door.inside(address, viewer=viewer):
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        client = scope.get("client")
        turn = Turn(self._lanes, client[0] if client else None)

        async def limited_receive() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BODY:
                raise BodyTooLongError
            if message["type"] == "http.request" and not message.get("more_body"):
                await turn.take()
            return message

        async def leaving_send(message: Message) -> None:
            turn.leave()
            await send(message)

        try:
            if _content_length(scope) > MOST_BODY:
                raise BodyTooLongError
            await self.app(scope, limited_receive, leaving_send)
        except BodyTooLongError:
            self._door.protection.refuse("body")
            await _answer(send, 413, f"allowed are {MOST_BODY} bytes\n".encode())
        finally:
            turn.leave()


def _content_length(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


async def _answer(
    send: Send, status: int, body: bytes, kind: bytes = b"text/plain", cache: bytes = b"no-store"
) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", cache)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _deny(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Answers a handshake with an HTTP status, for which daphne has no message of ASGI's."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        body = refusal.reason.encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
        return
    protocol: Any = send.args[0] if isinstance(send, partial) and send.args else None
    if not hasattr(protocol, "handshake_deferred"):
        await send({"type": "websocket.close", "code": 1013})
        return
    from autobahn.websocket import types

    denied: Any = types.ConnectionDeny
    # What daphne itself does, but for the status, which with it is always 403.
    handshake = protocol.handshake_deferred
    del protocol.handshake_deferred
    handshake.errback(denied(refusal.status, refusal.reason))
    protocol.server.protocol_disconnected(protocol)


class Lanes:
    """Those of one process. Only addresses behind which many may stand may have them all."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self.trusted = tuple(trusted)
        self.all = asyncio.Semaphore(AT_ONCE)
        self.of_address: dict[str, tuple[asyncio.Semaphore, set[Turn]]] = {}


class Turn:
    """One request's: taken when all of its body is here, and left once its answer begins.

    So neither who sends slowly nor who reads slowly keeps others waiting.
    """

    def __init__(self, lanes: Lanes, address: str | None) -> None:
        self._lanes = lanes
        self._address = None if is_unlimited(address, lanes.trusted) else source_of(address)
        self._held: list[asyncio.Semaphore] = []
        self._asked = False

    async def take(self) -> None:
        """Waits for it; the second time it does nothing."""
        if self._asked:
            return
        self._asked = True
        if self._address is not None:
            own, turns = self._lanes.of_address.setdefault(self._address, (asyncio.Semaphore(OF_ONE_ADDRESS), set()))
            turns.add(self)
            await self._hold(own)
        await self._hold(self._lanes.all)

    def leave(self) -> None:
        """May be called again, and by one that was given up while it waited."""
        while self._held:
            self._held.pop().release()
        if self._address in self._lanes.of_address:
            _, turns = self._lanes.of_address[self._address]
            turns.discard(self)
            if not turns:
                del self._lanes.of_address[self._address]

    async def _hold(self, lane: asyncio.Semaphore) -> None:
        await lane.acquire()
        self._held.append(lane)
