"""How batches lie in a spill file: each behind a mark, its length and its checksum, so that a torn one harms no other.

record = mark (4 bytes) · length (4, big-endian) · CRC32 of the data (4) · data
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

MARK = b"\xabSP1"
"""Contains the version of the records; their data has a version of its own."""
MARK_OF_ANY = MARK[:-1]
HEAD = struct.Struct(">4sII")
LONGEST = 64 * 1024 * 1024
WINDOW = 256 * 1024

Reader = Callable[[int, int], bytes]
"""Reads this many bytes at an offset, or fewer at the end of the file."""


class Scan(NamedTuple):
    """What was found up to the offset `end`: the data of whole records, and how often something else lay between."""

    records: list[bytes]
    torn: int
    end: int


def record(data: bytes) -> bytes:
    return HEAD.pack(MARK, len(data), zlib.crc32(data)) + data


def scan(read: Reader, start: int, size: int, *, most: int, most_bytes: int) -> Scan:
    """The records from `start` on, in a file of `size` bytes: at least one if there is any, about `most_bytes` of them.

    Anything that is not a record is skipped, up to the next one.
    """
    records: list[bytes] = []
    torn, at, held = 0, start, 0
    while at < size and len(records) < most and held < most_bytes:
        data = _record_at(read, at)
        if data is None:
            torn += 1
            at = _next_record(read, at + 1, size)
        else:
            records.append(data)
            held += len(data)
            at += HEAD.size + len(data)
    return Scan(records, torn, at)


def _record_at(read: Reader, at: int) -> bytes | None:
    head = read(at, HEAD.size)
    if len(head) < HEAD.size or not head.startswith(MARK):
        return None
    _, length, checksum = HEAD.unpack(head)
    if length > LONGEST:
        return None
    data = read(at + HEAD.size, length)
    return data if len(data) == length and zlib.crc32(data) == checksum else None


def _next_record(read: Reader, at: int, size: int) -> int:
    """Where the next whole record begins, or the file's end."""
    while at < size:
        window = read(at, WINDOW)
        found = window.find(MARK)
        if found < 0:
            # A mark may lie across the window's end.
            at += max(len(window) - len(MARK) + 1, 1)
        elif _record_at(read, at + found) is not None:
            return at + found
        else:
            at += found + 1
    return size
