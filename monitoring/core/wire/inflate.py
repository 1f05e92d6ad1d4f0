"""Decompresses what came from outside: never to more than the reader allows, and all of it or nothing."""

from __future__ import annotations

import zlib

RAW = -zlib.MAX_WBITS
"""For data without zlib's head and checksum."""


def inflate(data: bytes, most: int, wbits: int = zlib.MAX_WBITS) -> bytes:
    """The whole of what was compressed, at most `most` bytes.

    Raises ValueError if it is no compressed data, cut off, or longer than that. It takes no more memory than `most`,
    whatever a few bytes claim to hold.
    """
    inflating = zlib.decompressobj(wbits)
    try:
        inflated = inflating.decompress(data, most)
        # The end of the data may only be seen by asking for one byte more.
        if not inflating.eof and (inflating.decompress(inflating.unconsumed_tail, 1) or not inflating.eof):
            raise ValueError(f"it is cut off, or longer than {most} bytes")
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return inflated
