"""A mergeable distribution with a bounded relative error: counts in logarithmic bins (`log_bins`).

Bins only count, so merging two sketches means adding their bins: percentiles of any range on any set of nodes stay
within RELATIVE_ERROR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from monitoring.core.stats import sketch_bytes
from monitoring.core.stats.log_bins import bin_of, centre

PERCENTILES: Mapping[str, float] = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
"""The quantiles that frames, charts, exports and rules show of every distribution, by name."""


class Sketch(msgspec.Struct, array_like=True):
    """Counts per logarithmic bin; `a + b` is the sketch of both, `a - b` removes a part again."""

    bins: dict[int, int] = {}  # msgspec copies mutable defaults

    @classmethod
    def of(cls, values: Iterable[float]) -> Sketch:
        sketch = cls()
        for value in values:
            sketch.add(value)
        return sketch

    def add(self, value: float, times: int = 1) -> None:
        index = bin_of(value)
        self.bins[index] = self.bins.get(index, 0) + times

    def merge(self, other: Sketch) -> None:
        """Adds the other's counts to this one."""
        bins = self.bins
        for index, count in other.bins.items():
            bins[index] = bins.get(index, 0) + count

    def remove(self, other: Sketch) -> None:
        """Removes counts that were merged before."""
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

        Defined as the value at rank ceil(q * count) of the sorted values, within RELATIVE_ERROR.
        """
        return self.quantiles(q)[0]

    def quantiles(self, *shares: float) -> list[float | None]:
        """Several quantiles, which costs little more than one."""
        return sketch_bytes.quantiles(self.bins, *shares)

    def encode(self) -> bytes:
        """Compact bytes, from which `sketch_bytes.quantiles_of` reads percentiles directly."""
        return sketch_bytes.encode(self.bins)

    @classmethod
    def decode(cls, data: bytes) -> Sketch:
        """The sketch in `encode`'s bytes. Raises ValueError like `sketch_bytes.decode`."""
        return cls(sketch_bytes.decode(data))
