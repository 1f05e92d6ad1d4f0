"""Stands before the rest of the site, including monitoring: who asks, is there room, is the body too long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from avatar_site.front.addresses import Network, client_address, is_unlimited, source_of
from avatar_site.front.door import Door, Refusal
from monitoring.core.asgi_types import ASGIApplication, Message, Receive, Scope, Send
from monitoring.servers.viewers_socket import is_viewer

MOST_BODY = 256 * 1024
"""Bytes of a request's body: the site's forms have a few thousand."""

HEALTH = "/healthz"
NEVER_CACHE = b"max-age=0, no-cache, no-store, must-revalidate, private"
AT_ONCE, OF_ONE_ADDRESS = 20, 8
"""Together they open at most `door.RESERVE` descriptors; further requests wait in order of arrival."""


class BodyTooLongError(Exception):
    """The body is longer than is accepted."""


class Front:
    """Wraps the whole application of the site.

    `/healthz` is answered here, so neither threads nor the database nor busy middleware delay it.
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
        # The port belongs to the proxy's own connection and says nothing about the client.
        return {**scope, "client": [address, 0]}

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        address = client[0] if client else None
        viewer = is_viewer(scope)
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
            await _answer(send, 413, f"at most {MOST_BODY} bytes are allowed\n".encode())
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
    """Answers a handshake with an HTTP status; for daphne no ASGI message does this."""
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
    # This is what daphne itself does, except for the status, which is always 403 there.
    handshake = protocol.handshake_deferred
    del protocol.handshake_deferred
    handshake.errback(denied(refusal.status, refusal.reason))
    protocol.server.protocol_disconnected(protocol)


class Lanes:
    """The lanes of one process. Only addresses that many people may share can use all of them."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self.trusted = tuple(trusted)
        self.all = asyncio.Semaphore(AT_ONCE)
        self.of_address: dict[str, tuple[asyncio.Semaphore, set[Turn]]] = {}


class Turn:
    """One request's turn: taken when its whole body has arrived, and released when its answer begins.

    So neither a slow sender nor a slow reader keeps others waiting.
    """

    def __init__(self, lanes: Lanes, address: str | None) -> None:
        self._lanes = lanes
        self._address = None if is_unlimited(address, lanes.trusted) else source_of(address)
        self._held: list[asyncio.Semaphore] = []
        self._asked = False

    async def take(self) -> None:
        """Waits for the turn; does nothing the second time."""
        if self._asked:
            return
        self._asked = True
        if self._address is not None:
            own, turns = self._lanes.of_address.setdefault(self._address, (asyncio.Semaphore(OF_ONE_ADDRESS), set()))
            turns.add(self)
            await self._hold(own)
        await self._hold(self._lanes.all)

    def leave(self) -> None:
        """May be called again, and by a request that was abandoned while it waited."""
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
