"""The last values of a series in a fixed amount of memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class Recent:
    """A bounded sequence of floats that forgets the oldest: `append`, `len`, iteration and index as a deque has them.

    It keeps machine floats, not Python objects, so that a hundred values cost 400 bytes; their precision is that of a
    32-bit float (seven digits). `average` is kept up to date as values come and go.
    """

    __slots__ = ("_next", "_total", "_values", "maxlen")

    def __init__(self, values: Iterable[float] = (), maxlen: int = 100) -> None:
        self.maxlen = maxlen
        self._values = array("f")
        self._next = 0
        self._total = 0.0
        for value in values:
            self.append(value)

    def append(self, value: float) -> None:
        values = self._values
        if len(values) < self.maxlen:
            values.append(value)
            self._total += values[-1]
            return
        position = self._next
        self._total -= values[position]
        values[position] = value
        self._total += values[position]
        self._next = (position + 1) % self.maxlen
        if self._next == 0:
            # Once a round the sum is taken anew, so that rounding errors cannot build up.
            self._total = sum(values)

    @property
    def average(self) -> float:
        """The mean of the values held, 0.0 when there are none."""
        return self._total / len(self._values) if self._values else 0.0

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
