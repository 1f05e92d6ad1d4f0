"""A WebSocket client that costs as little as one can, so that a single process can be a thousand of them."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Iterable
from typing import Any

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MASKED = 0x80
NO_MASK = bytes(4)
"""Masking with zeros leaves a text as it is; the server has to undo it all the same."""

AT_ONCE = 50
OPEN_SECONDS = 120.0

OnText = Callable[["Socket", bytes], None]


class RefusedError(Exception):
    """The server did not let the client in."""


def frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, of at most 64 KiB."""
    if len(payload) < 126:
        head = bytes((0x80 | opcode, MASKED | len(payload)))
    else:
        head = bytes((0x80 | opcode, MASKED | 126)) + len(payload).to_bytes(2)
    return head + NO_MASK + payload


class Socket(asyncio.Protocol):
    """Hands each whole text to `on_text`, unread; answers the server's pings."""

    def __init__(self, request: bytes, on_text: OnText) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = False
        self._request = request
        self._on_text = on_text
        self._rest = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if not self.opened.done():
            self.opened.set_exception(RefusedError(f"closed during the handshake: {exc}"))

    def send(self, framed: bytes) -> None:
        self._transport.write(framed)

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        if not self.opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._answered(head)
        self._rest = self._frames(data)

    def _answered(self, head: bytes) -> None:
        if head.split(None, 2)[1] == b"101":
            self.opened.set_result(None)
        else:
            self.opened.set_exception(RefusedError(head.partition(b"\r\n")[0].decode()))

    def _frames(self, data: bytes) -> bytes:
        """Takes the whole frames and gives back the beginning of one that is not."""
        at, size = 0, len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[at + 2 : start])
            if start + length > size:
                break
            opcode = data[at] & 15
            if opcode <= 2:
                self._on_text(self, data[start : start + length])
            elif opcode == PING:
                self.send(frame(PONG, data[start : start + length]))
            elif opcode == CLOSE:
                self.closed = True
            at = start + length
        return data[at:]


async def open_all(port: int, paths: Iterable[str], on_text: OnText, cookie: str = "") -> list[Socket]:
    """A client for each path, all of them let in. Raises RefusedError."""
    paths = list(paths)
    sockets: list[Socket] = []
    async with asyncio.timeout(OPEN_SECONDS):
        for first in range(0, len(paths), AT_ONCE):
            some = paths[first : first + AT_ONCE]
            sockets += await asyncio.gather(*(_open(port, path, on_text, cookie) for path in some))
    return sockets


async def _open(port: int, path: str, on_text: OnText, cookie: str) -> Socket:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(request, on_text), "127.0.0.1", port)
    await socket.opened
    return socket
