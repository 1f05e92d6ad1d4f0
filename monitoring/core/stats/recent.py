"""The last values of a series in a fixed amount of memory."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from operator import mul, sub
from typing import NamedTuple

from monitoring.core.stats.sketch import Sketch

PERCENTILE = 0.95

MOST_SECONDS = 255
"""What fits into a byte: longer than any two pings of a client are apart."""


class Figures(NamedTuple):
    """Rounded, the average to two digits and the others to one; unknown values are None, the average 0."""

    average: float
    last: float | None
    p95: float | None
    jitter: float | None


class Lifetime(NamedTuple):
    """The sum and the distribution of all values that ever came, each as often as it counts."""

    total: float
    sketch: Sketch

    @property
    def average(self) -> float | None:
        return self.total / self.sketch.count if self.sketch.bins else None


class Recent:
    """A bounded sequence of floats that forgets the oldest: `append`, `len`, iteration and index work as in a deque.

    It keeps machine floats, not Python objects, so that a hundred values take 400 bytes; their precision is that of a
    32-bit float (seven digits). `average` is updated as values come and go; `p95` and `jitter` are computed on request,
    and remembered until the next value comes. For forgotten values, `lifetime` keeps the sum and an encoded sketch of
    about 150 bytes. Only there a value counts several times, once for each second that it has held.
    """

    __slots__ = (
        "_figures", "_forgotten", "_forgotten_total", "_held", "_next", "_spread", "_total", "_values", "maxlen",
    )  # fmt: skip

    def __init__(self, values: Iterable[float] = (), maxlen: int = 100) -> None:
        self.maxlen = maxlen
        self._values = array("f")
        self._next = 0
        self._total = 0.0
        self._spread: tuple[float, float | None] | None = None
        self._figures: Figures | None = None
        self._forgotten = b""
        self._forgotten_total = 0.0
        self._held: array[int] | None = None
        for value in values:
            self.append(value)

    def append(self, value: float) -> None:
        values = self._values
        self._spread = self._figures = None
        if len(values) < self.maxlen:
            values.append(value)
            self._total += values[-1]
            return
        position = self._next
        if position == 0:
            self._keep_lifetime()
        self._total -= values[position]
        values[position] = value
        if self._held is not None:
            self._held[position] = 0
        self._total += values[position]
        self._next = (position + 1) % self.maxlen
        if self._next == 0:
            # Once per round the sum is computed again, so that rounding errors cannot accumulate.
            self._total = sum(values)

    def hold(self, seconds: int) -> None:
        """The newest value has held for so many more seconds; in a lifetime it counts once until it has held for two.

        At most 255 seconds of a value count.
        """
        if not self._values or seconds <= 0:
            return
        if self._held is None:
            self._held = array("B", bytes(self.maxlen))
        newest = self._next - 1 if self._next else len(self._values) - 1
        self._held[newest] = min(self._held[newest] + seconds, MOST_SECONDS)

    @property
    def average(self) -> float:
        """The mean of the values held, 0.0 when there are none."""
        return self._total / len(self._values) if self._values else 0.0

    @property
    def last(self) -> float | None:
        """The newest value, None when there is none."""
        return self._values[self._next - 1] if self._values else None

    @property
    def p95(self) -> float | None:
        """The value that 95 % of the values held do not exceed, None when there are none."""
        return self._spread_of_values()[0] if self._values else None

    @property
    def jitter(self) -> float | None:
        """The mean absolute difference between consecutive values, None if there are fewer than two."""
        return self._spread_of_values()[1] if self._values else None

    @property
    def figures(self) -> Figures:
        """What a client's row shows of the values, computed once for each new value."""
        if self._figures is None:
            self._figures = Figures(
                round(self.average, 2), _rounded(self.last), _rounded(self.p95), _rounded(self.jitter)
            )
        return self._figures

    def lifetime(self) -> Lifetime:
        """Every value that was ever appended, for the price of about a hundred additions."""
        fresh = self._values[: self._next] if self._next else self._values
        if self._held is None:
            return Lifetime(self._forgotten_total + math.fsum(fresh), Sketch.decode(self._forgotten) + Sketch.of(fresh))
        times = [seconds or 1 for seconds in self._held[: len(fresh)]]
        sketch = Sketch.decode(self._forgotten)
        for value, number in zip(fresh, times, strict=True):
            sketch.add(value, number)
        return Lifetime(self._forgotten_total + math.fsum(map(mul, fresh, times)), sketch)

    def _keep_lifetime(self) -> None:
        """Once per round, before its first value is forgotten."""
        self._forgotten_total, sketch = self.lifetime()
        self._forgotten = sketch.encode()

    def _spread_of_values(self) -> tuple[float, float | None]:
        if self._spread is None:
            values = (self._values[self._next :] + self._values[: self._next]).tolist()
            steps = len(values) - 1
            p95 = sorted(values)[math.ceil(PERCENTILE * len(values)) - 1]
            self._spread = p95, sum(map(abs, map(sub, values[1:], values))) / steps if steps else None
        return self._spread

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[float]:
        yield from self._values[self._next :]
        yield from self._values[: self._next]

    def __getitem__(self, index: int) -> float:
        """The value at the index, oldest first; raises IndexError outside."""
        size = len(self._values)
        if not -size <= index < size:
            raise IndexError(f"index {index} is outside {size} values")
        return self._values[(self._next + index % size) % size]

    def __repr__(self) -> str:
        return f"Recent({list(self)!r}, maxlen={self.maxlen})"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
