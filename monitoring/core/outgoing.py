"""One message for many: its text, its frame and its compressed form are each made once, when first asked for."""

from __future__ import annotations

import struct
import zlib
from functools import cached_property

TEXT, BINARY = 0x1, 0x2
_FINAL = 0x80


class Outgoing:
    """A message to be sent, as UTF-8 bytes."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    @cached_property
    def text(self) -> str:
        return self.payload.decode()

    @cached_property
    def frame(self) -> bytes:
        """The whole text frame as it goes over the wire to any client."""
        return frame(TEXT, self.payload)

    @cached_property
    def deflated(self) -> bytes:
        """The message compressed by zlib, for those who asked for it so."""
        return zlib.compress(self.payload)

    def size(self, *, deflated: bool = False) -> int:
        """Bytes of the message in the form in which it is sent."""
        return len(self.deflated if deflated else self.payload)

    @cached_property
    def deflated_frame(self) -> bytes:
        """The compressed message as a binary frame."""
        return frame(BINARY, self.deflated)


def frame(opcode: int, payload: bytes) -> bytes:
    """An unfragmented, unmasked WebSocket frame, as servers send it (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        header = struct.pack("!BB", _FINAL | opcode, length)
    elif length < 1 << 16:
        header = struct.pack("!BBH", _FINAL | opcode, 126, length)
    else:
        header = struct.pack("!BBQ", _FINAL | opcode, 127, length)
    return header + payload
