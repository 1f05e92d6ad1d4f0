"""A peer that reads `avatar.metrics.chained` as docs/protocol.md describes it."""

from __future__ import annotations

import zlib

CHAINED = "avatar.metrics.chained"
WINDOW = 32 * 1024


def has_dictionary(data: bytes) -> bool:
    return bool(data[1] & 0x20)


class ChainReader:
    """Decompresses one connection's binary messages in order."""

    def __init__(self) -> None:
        self._last = b""

    def read(self, data: bytes) -> bytes:
        inflate = zlib.decompressobj(zdict=self._last[-WINDOW:]) if has_dictionary(data) else zlib.decompressobj()
        self._last = inflate.decompress(data)
        assert inflate.eof
        return self._last
