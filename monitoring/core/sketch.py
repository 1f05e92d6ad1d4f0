"""A mergeable distribution with a bounded relative error.

Values fall into logarithmic bins, as in Masson, Rim and Lee, "DDSketch" (VLDB 2019): bin i holds (g**(i-1), g**i] with
g = (1 + a) / (1 - a), and is reported as its centre, which is within the share `a` of every value in it. Bins only
count, so merging two sketches is adding their bins: percentiles of any range on any set of nodes stay within `a`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

import msgspec

RELATIVE_ERROR = 0.01
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_PER_BIN = 1 / math.log(_GAMMA)
_CENTRE = 2 / (1 + _GAMMA)

SMALLEST = 1e-3
"""Anything at or below this is counted as zero; in milliseconds that is a microsecond."""

_ZERO_BIN = math.floor(math.log(SMALLEST) * _PER_BIN) - 1


def _bin(value: float) -> int:
    return math.ceil(math.log(value) * _PER_BIN) if value > SMALLEST else _ZERO_BIN


def _centre(index: int) -> float:
    return 0.0 if index == _ZERO_BIN else math.exp(index / _PER_BIN) * _CENTRE


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

    def quantile(self, q: float) -> float | None:
        """The value below which the share `q` (0..1) of the values lies, None for an empty sketch.

        Defined as the value at rank floor(q * (count - 1)) of the sorted values, within RELATIVE_ERROR.
        """
        return self.quantiles(q)[0]

    def quantiles(self, *shares: float) -> list[float | None]:
        """Several quantiles, which costs little more than one."""
        indexes = sorted(self.bins)
        ends = list(accumulate(self.bins[index] for index in indexes))
        if not ends:
            return [None] * len(shares)
        ranks = (math.floor(share * (ends[-1] - 1)) for share in shares)
        return [_centre(indexes[bisect_right(ends, rank)]) for rank in ranks]

    def encode(self) -> bytes:
        """Compact bytes: for each bin, in order, the distance to the one before and its count, as varints."""
        out = bytearray()
        before = _ZERO_BIN
        for index in sorted(self.bins):
            _write_varint(out, index - before)
            _write_varint(out, self.bins[index])
            before = index
        return bytes(out)

    @classmethod
    def decode(cls, data: bytes) -> Sketch:
        """The sketch of `encode`'s bytes. Raises ValueError when they are cut off."""
        bins = {}
        index = _ZERO_BIN
        numbers = _read_varints(data)
        for distance in numbers:
            index += distance
            try:
                bins[index] = next(numbers)
            except StopIteration:
                raise ValueError("a sketch ends within a bin") from None
        return cls(bins)


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
