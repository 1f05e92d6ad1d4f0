"""A sketch's bins as compact bytes, from which percentiles are read without building the sketch.

Sparse bins are varints: for each bin, in order, the distance from the previous one and its count. Dense ones are
packed: a head with the first bin and the bins of the usual percentiles, then the counts from the first bin to the last,
deflated.

The bytes are stored, so they outlive the release that wrote them. The third byte of a packed sketch is its form, and
any future form begins like a packed sketch, with a third byte that this release does not know.
"""

from __future__ import annotations

import logging
import math
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from monitoring.core.stats.log_bins import FIRST_BIN, LAST_BIN, centre
from monitoring.core.wire.inflate import RAW, inflate
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce

said = SaidOnce(logging.getLogger(__name__))

PACKED = b"\0\0"
"""How a packed sketch begins: in the sparse form no bin has a count of 0."""

DENSE = 8
"""Bins that are farther apart than this, on average, are not worth packing."""

WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Bytes of a packed count, and its letter for `struct`."""

MARKS = (0.50, 0.95, 0.99)
"""The percentiles whose bins a packed sketch names."""
MARKED = 0x10
"""Flag in the byte of a packed sketch that gives the width of its counts: the bins of MARKS are named."""
HEAD = struct.Struct("<2xB4H")
"""PACKED, that byte, and the first bin and those of MARKS, counted from FIRST_BIN: there are fewer than 2**16 bins."""

MOST_BYTES = (LAST_BIN - FIRST_BIN + 1) * max(WIDTHS)
"""As many as all bins' counts may take."""


def encode(bins: Mapping[int, int]) -> bytes:
    """The shorter of the two forms."""
    out = bytearray()
    before = FIRST_BIN
    indexes = sorted(bins)
    for index in indexes:
        _write_varint(out, index - before)
        _write_varint(out, bins[index])
        before = index
    if not indexes or indexes[-1] - indexes[0] > DENSE * len(indexes):
        return bytes(out)
    return min(bytes(out), _packed(bins, indexes[0], indexes[-1]), key=len)


def decode(data: bytes) -> dict[int, int]:
    """The bins in `encode`'s bytes.

    Raises ValueError if they are truncated, OtherFormatError for another release's.
    """
    if data.startswith(PACKED):
        first, size, counts = unpacked(data)
        return {index: count for index, count in enumerate(_numbers(size, counts), first) if count}
    head = next((at for at, byte in enumerate(data, 1) if byte < 0x80), 0)
    rest = data[head:]
    if len(rest) % 2 and rest.isascii():
        # All other numbers are single bytes, which most sketches consist of.
        first, _ = _read_varint(data, 0)
        return dict(zip(accumulate(rest[1::2], initial=first + FIRST_BIN), rest[::2], strict=True))
    bins = {}
    index = FIRST_BIN
    numbers = _read_varints(data)
    for distance in numbers:
        index += distance
        try:
            bins[index] = next(numbers)
        except StopIteration:
            raise ValueError("a sketch ends within a bin") from None
    return bins


def quantiles_of(data: bytes, *shares: float) -> list[float | None]:
    """The `quantiles` of the decoded bins; for MARKS several times faster, because a packed sketch names them.

    For a form of another release that this one does not know they are None.
    """
    if is_foreign(data):
        return [None for _ in shares]
    if shares == MARKS and data.startswith(PACKED) and len(data) > HEAD.size and data[2] & MARKED:
        _, *marks = HEAD.unpack_from(data)
        return [centre(FIRST_BIN + mark) for mark in marks[1:]]
    return quantiles(decode(data), *shares)


def is_foreign(data: bytes) -> bool:
    """Whether it has a form that this release does not know; logged once per form."""
    if not data.startswith(PACKED) or len(data) <= len(PACKED) or data[2] & ~MARKED in WIDTHS:
        return False
    said.warn("A stored distribution", f"form {data[2]}", "another release wrote it, and this one cannot read it")
    return True


def quantiles(bins: Mapping[int, int], *shares: float) -> list[float | None]:
    """The values that these shares of all do not exceed (`rank`); None if there are none."""
    return [None if index is None else centre(index) for index in _bins_at(bins, shares)]


def _bins_at(bins: Mapping[int, int], shares: Iterable[float]) -> list[int | None]:
    indexes = sorted(bins)
    ends = list(accumulate(map(bins.__getitem__, indexes)))
    if not ends:
        return [None for _ in shares]
    return [indexes[bisect_right(ends, rank(share, ends[-1]))] for share in shares]


def rank(share: float, count: int) -> int:
    """The nearest rank of the quantile among this many sorted values, so that p99 of a few is the highest."""
    # 0.95 * 100 may be slightly more than 95.
    return max(0, math.ceil(share * count - 1e-9) - 1)


def _packed(bins: Mapping[int, int], first: int, last: int) -> bytes:
    counts = [bins.get(index, 0) for index in range(first, last + 1)]
    size = next(size for size in WIDTHS if max(counts) < 256**size)
    named = (index - FIRST_BIN for index in (first, *_bins_at(bins, MARKS)) if index is not None)
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW)
    body = deflate.compress(struct.pack(f"<{len(counts)}{WIDTHS[size]}", *counts)) + deflate.flush()
    return HEAD.pack(size | MARKED, *named) + body


def unpacked(data: bytes) -> tuple[int, int, bytes]:
    """A packed sketch: its first bin, the bytes of a count, and the counts from that bin to the last.

    Raises ValueError if it is truncated, OtherFormatError for another release's.
    """
    if is_foreign(data):
        raise OtherFormatError(f"a distribution of form {data[2]}")
    try:
        if data[2] & MARKED:
            size, first, *_ = HEAD.unpack_from(data)
            body = HEAD.size
        else:
            # From a release that named no percentiles.
            size, (first, body) = data[2], _read_varint(data, 3)
        size &= ~MARKED
        counts = inflate(data[body:], MOST_BYTES, RAW)
        if size not in WIDTHS or len(counts) % size:
            raise ValueError(f"{len(counts)} bytes of counts, {size} bytes each")
    except (IndexError, ValueError, struct.error) as error:
        raise ValueError(f"a packed sketch ends within its counts: {error}") from None
    return FIRST_BIN + first, size, counts


def _numbers(size: int, counts: bytes) -> Sequence[int]:
    return counts if size == 1 else struct.unpack(f"<{len(counts) // size}{WIDTHS[size]}", counts)


def _write_varint(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and its end."""
    number = shift = 0
    while data[at] > 0x7F:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1


def _read_varints(data: bytes) -> Iterator[int]:
    at = 0
    try:
        while at < len(data):
            number, at = _read_varint(data, at)
            yield number
    except IndexError:
        raise ValueError("a sketch ends within a number") from None
