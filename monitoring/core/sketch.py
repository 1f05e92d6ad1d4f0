"""A mergeable distribution with a bounded relative error.

Values fall into logarithmic bins, as in Masson, Rim and Lee, "DDSketch" (VLDB 2019): bin i holds (g**(i-1), g**i] with
g = (1 + a) / (1 - a), and is reported as its centre, which is within the share `a` of every value in it. Bins only
count, so merging two sketches is adding their bins: percentiles of any range on any set of nodes stay within `a`.
"""

from __future__ import annotations

import math
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate

import msgspec

RELATIVE_ERROR = 0.01
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_PER_BIN = 1 / math.log(_GAMMA)
_CENTRE = 2 / (1 + _GAMMA)

SMALLEST = 1e-3
"""Anything at or below this is counted as zero; in milliseconds that is a microsecond."""

PACKED = b"\0\0"
"""How a packed sketch begins: no bin of the other kind has a count of 0."""

DENSE = 8
"""Bins that lie farther apart than this, on average, are not worth packing."""

WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Bytes of a packed count, and the letter by which `struct` knows them."""

RAW = -zlib.MAX_WBITS

FIRST_BIN = math.floor(math.log(SMALLEST) * _PER_BIN) - 1
"""The bin of what counts as zero."""


def _bin(value: float) -> int:
    return math.ceil(math.log(value) * _PER_BIN) if value > SMALLEST else FIRST_BIN


@cache
def centre(index: int) -> float:
    """The value that a bin stands for."""
    return 0.0 if index == FIRST_BIN else math.exp(index / _PER_BIN) * _CENTRE


class Sketch(msgspec.Struct, array_like=True):
    """Counts per logarithmic bin; `a + b` is the sketch of both, `a - b` takes a part out again."""

    bins: dict[int, int] = {}  # msgspec copies mutable defaults

    @classmethod
    def of(cls, values: Iterable[float]) -> Sketch:
        sketch = cls()
        for value in values:
            sketch.add(value)
        return sketch

    def add(self, value: float) -> None:
        index = _bin(value)
        self.bins[index] = self.bins.get(index, 0) + 1

    def merge(self, other: Sketch) -> None:
        """Adds the other's counts to this one."""
        bins = self.bins
        for index, count in other.bins.items():
            bins[index] = bins.get(index, 0) + count

    def remove(self, other: Sketch) -> None:
        """Takes out counts that were merged before."""
        bins = self.bins
        for index, count in other.bins.items():
            left = bins[index] - count
            if left:
                bins[index] = left
            else:
                del bins[index]

    def __add__(self, other: Sketch) -> Sketch:
        total = Sketch(dict(self.bins))
        total.merge(other)
        return total

    @property
    def count(self) -> int:
        return sum(self.bins.values())

    def values(self) -> Iterator[tuple[float, int]]:
        """Each bin's value, ascending, and how often it was added."""
        return ((centre(index), self.bins[index]) for index in sorted(self.bins))

    def quantile(self, q: float) -> float | None:
        """The value below which the share `q` (0..1) of the values lies, None for an empty sketch.

        Defined as the value at rank floor(q * (count - 1)) of the sorted values, within RELATIVE_ERROR.
        """
        return self.quantiles(q)[0]

    def quantiles(self, *shares: float) -> list[float | None]:
        """Several quantiles, which costs little more than one."""
        indexes = sorted(self.bins)
        ends = list(accumulate(map(self.bins.__getitem__, indexes)))
        if not ends:
            return [None] * len(shares)
        ranks = (math.floor(share * (ends[-1] - 1)) for share in shares)
        return [centre(indexes[bisect_right(ends, rank)]) for rank in ranks]

    def encode(self) -> bytes:
        """Compact bytes: for each bin, in order, the distance to the one before and its count, as varints.

        Where that is shorter, the counts of all bins from the first to the last instead, deflated (`_packed`).
        """
        out = bytearray()
        before = FIRST_BIN
        indexes = sorted(self.bins)
        for index in indexes:
            _write_varint(out, index - before)
            _write_varint(out, self.bins[index])
            before = index
        if not indexes or indexes[-1] - indexes[0] > DENSE * len(indexes):
            return bytes(out)
        return min(bytes(out), _packed(self.bins, indexes[0], indexes[-1]), key=len)

    @classmethod
    def decode(cls, data: bytes) -> Sketch:
        """The sketch of `encode`'s bytes. Raises ValueError when they are cut off."""
        if data.startswith(PACKED):
            first, size, counts = unpacked(data)
            return cls({index: count for index, count in enumerate(_numbers(size, counts), first) if count})
        head = next((at for at, byte in enumerate(data, 1) if byte < 0x80), 0)
        rest = data[head:]
        if len(rest) % 2 and rest.isascii():
            # All other numbers are single bytes, which most sketches consist of.
            (first,) = _read_varints(data[:head])
            return cls(dict(zip(accumulate(rest[1::2], initial=first + FIRST_BIN), rest[::2], strict=True)))
        bins = {}
        index = FIRST_BIN
        numbers = _read_varints(data)
        for distance in numbers:
            index += distance
            try:
                bins[index] = next(numbers)
            except StopIteration:
                raise ValueError("a sketch ends within a bin") from None
        return cls(bins)


def quantiles_of(data: bytes, *shares: float) -> list[float | None]:
    """`Sketch.decode(data).quantiles(*shares)`, several times faster: no sketch is built."""
    if data.startswith(PACKED):
        index, size, counts = unpacked(data)
        ends = list(accumulate(_numbers(size, counts)))
        if not ends:
            return [None] * len(shares)
        last = ends[-1] - 1
        return [centre(index + bisect_right(ends, math.floor(share * last))) for share in shares]
    head = next((at for at, byte in enumerate(data, 1) if byte < 0x80), 0)
    rest = data[head:]
    if len(rest) % 2 == 0 or not rest.isascii():
        return Sketch.decode(data).quantiles(*shares)
    # Each further number is one byte, so that slices do what loops would.
    index = FIRST_BIN + next(_read_varints(data[:head]))
    ends, distances = list(accumulate(rest[::2])), rest[1::2]
    places = (bisect_right(ends, math.floor(share * (ends[-1] - 1))) for share in shares)
    return [centre(index + sum(distances[:place])) for place in places]


def _packed(bins: dict[int, int], first: int, last: int) -> bytes:
    counts = [bins.get(index, 0) for index in range(first, last + 1)]
    size = next(size for size in WIDTHS if max(counts) < 256**size)
    out = bytearray((*PACKED, size))
    _write_varint(out, first - FIRST_BIN)
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW)
    return bytes(out) + deflate.compress(struct.pack(f"<{len(counts)}{WIDTHS[size]}", *counts)) + deflate.flush()


def unpacked(data: bytes) -> tuple[int, int, bytes]:
    """A packed sketch: its first bin, the bytes of a count, and the counts from that bin to the last.

    Raises ValueError when it is cut off.
    """
    at, shift, first = len(PACKED) + 1, 0, FIRST_BIN
    try:
        while data[at] > 0x7F:
            first += (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
        size = data[len(PACKED)]
        counts = zlib.decompress(data[at + 1 :], RAW)
        if len(counts) % size or size not in WIDTHS:
            raise ValueError(f"{len(counts)} bytes of counts of {size}")
    except (IndexError, ValueError, ZeroDivisionError, zlib.error) as error:
        raise ValueError(f"a packed sketch ends within its counts: {error}") from None
    return first + (data[at] << shift), size, counts


def _numbers(size: int, counts: bytes) -> Sequence[int]:
    return counts if size == 1 else struct.unpack(f"<{len(counts) // size}{WIDTHS[size]}", counts)


def _write_varint(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _read_varints(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("a sketch ends within a number")
