"""Merges encoded sketches directly: every bin is 64 bits of one long number, so merging means adding numbers.

A chart merges thousands of them; as dictionaries they would take ten times as long.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from operator import mul

from monitoring.core.stats.log_bins import FIRST_BIN, centre
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import PACKED, is_foreign, quantiles_of, rank, unpacked

LANE = 8
"""Bytes of a bin: no count ever needs more."""


class Tally:
    """The sum of any number of sketches; if one of them is foreign, the sum is unknown and reads as empty."""

    __slots__ = ("_is_known", "_lanes", "_only")

    def __init__(self) -> None:
        self._lanes = 0
        self._only: bytes | Sketch = b""
        self._is_known = True

    def add(self, sketch: bytes | Sketch) -> None:
        """Merges a sketch, encoded or not. Raises ValueError for invalid bytes, now or when it is read."""
        if isinstance(sketch, bytes) and is_foreign(sketch):
            self._forget()
        if not self._is_known:
            return
        if not self._lanes and not self._only:
            # The quantiles of a single one are found without any adding.
            self._only = sketch
            return
        self._settle()
        self._lanes += _lanes_of(sketch)

    def merge(self, other: Tally) -> None:
        """Adds the other's contents."""
        if not other._is_known:
            self._forget()
        if not self._is_known:
            return
        if other._lanes or other._only:
            self._settle()
            self._lanes += other._lanes or _lanes_of(other._only)

    def _forget(self) -> None:
        self._is_known, self._lanes, self._only = False, 0, b""

    def _settle(self) -> None:
        if self._only:
            self._lanes, self._only = _lanes_of(self._only), b""

    def quantiles(self, *shares: float) -> list[float | None]:
        """Like those of a `Sketch`: None while it is empty."""
        if not self._lanes:
            only = self._only
            return only.quantiles(*shares) if isinstance(only, Sketch) else quantiles_of(only, *shares)
        first, counts = self._counts()
        ends = list(accumulate(counts))
        ranks = (rank(share, ends[-1]) for share in shares)
        return [centre(first + bisect_right(ends, rank)) for rank in ranks]

    def gauge(self) -> Gauge:
        """All values as a gauge; its sum, lowest and highest are accurate to 1 %, like percentiles."""
        self._settle()
        if not self._lanes:
            return Gauge()
        first, counts = self._counts()
        values = [centre(bin_) for bin_ in range(first, first + len(counts))]
        return Gauge(sum(counts), sum(map(mul, counts, values)), values[0], values[-1])

    def _counts(self) -> tuple[int, Sequence[int]]:
        """The first non-empty bin, and the counts from it to the last non-empty one."""
        first = ((self._lanes & -self._lanes).bit_length() - 1) // (8 * LANE)
        lanes = self._lanes >> (8 * LANE * first)
        count = -(-lanes.bit_length() // (8 * LANE))
        return FIRST_BIN + first, struct.unpack(f"<{count}Q", lanes.to_bytes(count * LANE, "little"))


def _lanes_of(sketch: bytes | Sketch) -> int:
    if isinstance(sketch, bytes) and sketch.startswith(PACKED):
        first, size, counts = unpacked(sketch)
        lanes = bytearray(len(counts) // size * LANE)
        for byte in range(size):
            lanes[byte::LANE] = counts[byte::size]
        return int.from_bytes(lanes, "little") << _place(first)
    bins = Sketch.decode(sketch).bins if isinstance(sketch, bytes) else sketch.bins
    return sum(count << _place(index) for index, count in bins.items())


def _place(index: int) -> int:
    """The bit at which a bin begins."""
    return 8 * LANE * (index - FIRST_BIN)
