"""A WebSocket client without manners: it may leave everything unread, and sends whatever it is told to."""

from __future__ import annotations

import os
import socket
from types import TracebackType
from typing import Self

SMALLEST_BUFFER = 4096
"""Bytes that the operating system may keep for the client, so that what it does not read stays with the server."""

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


class RudeSocket:
    """Does the handshake, and never reads after it."""

    def __init__(self, port: int, path: str, cookie: str = "") -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST_BUFFER)
        self._socket.settimeout(1)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(
            b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\nCookie: %b\r\n\r\n"
            % (path.encode(), port, KEY, cookie.encode())
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._socket.recv(1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    def send(self, text: bytes) -> None:
        self.send_raw(masked(text))

    def send_raw(self, data: bytes) -> None:
        """Raises TimeoutError if the server accepts nothing for a second."""
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def masked(text: bytes) -> bytes:
    """A client's text frame."""
    mask = os.urandom(4)
    covered = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
    return header(len(text)) + mask + covered


def control_frame(opcode: int, payload: bytes = b"") -> bytes:
    """A client's ping (9) or pong (10)."""
    return bytes((0x80 | opcode, 0x80 | len(payload))) + bytes(4) + payload


def header(length: int) -> bytes:
    """The beginning of a client's text frame of this many bytes, before its mask."""
    if length < 126:
        return bytes((0x81, 0x80 | length))
    if length < 1 << 16:
        return bytes((0x81, 0x80 | 126)) + length.to_bytes(2)
    return bytes((0x81, 0x80 | 127)) + length.to_bytes(8)
