"""One message for many peers: its text, WebSocket frame and compressed forms are each made once, on first use."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter

TEXT, BINARY = 0x1, 0x2
_FINAL = 0x80
WINDOW = 32 * 1024
"""How far back deflate can refer (RFC 1951, 2)."""


class Outgoing:
    """A message to send, as UTF-8 bytes.

    `before` is the message that most of its readers got last, if it is worth referring to.
    """

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.before: Outgoing | None = None

    @cached_property
    def text(self) -> str:
        return self.payload.decode()

    @cached_property
    def ws_frame(self) -> bytes:
        """The whole text frame, the same for every client."""
        return ws_frame(TEXT, self.payload)

    @cached_property
    def deflated(self) -> Compressed:
        """The message compressed by zlib."""
        return Compressed(zlib.compress(self.payload))

    @cached_property
    def chained(self) -> Compressed:
        """The same with the end of the previous message as the dictionary (FDICT of RFC 1950, 2.2)."""
        assert self.before is not None
        deflate = zlib.compressobj(zdict=self.before.payload[-WINDOW:])
        return Compressed(deflate.compress(self.payload) + deflate.flush())

    def follow(self, before: Outgoing | None) -> None:
        """Sets the previous message, which forgets its own, so that at most two are held, and what was made of it."""
        self.before = before
        if before is not None:
            before.__dict__ = {"payload": before.payload, "before": None}


class Compressed:
    """A compressed message, and its binary frame."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    @cached_property
    def ws_frame(self) -> bytes:
        return ws_frame(BINARY, self.payload)


Compress = Callable[[Outgoing], Compressed]
"""How one connection has its messages compressed; called for each sent message, in order."""

deflated: Compress = attrgetter("deflated")


class Chain:
    """Compresses one connection's messages, with the previous one as the dictionary if `before` names it."""

    def __init__(self) -> None:
        self._last: Outgoing | None = None

    def __call__(self, message: Outgoing) -> Compressed:
        last, self._last = self._last, message
        return message.deflated if last is None or message.before is not last else message.chained


def ws_frame(opcode: int, payload: bytes) -> bytes:
    """An unfragmented, unmasked WebSocket frame, as servers send it (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        header = struct.pack("!BB", _FINAL | opcode, length)
    elif length < 1 << 16:
        header = struct.pack("!BBH", _FINAL | opcode, 126, length)
    else:
        header = struct.pack("!BBQ", _FINAL | opcode, 127, length)
    return header + payload
