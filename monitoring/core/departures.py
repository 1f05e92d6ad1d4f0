"""Who left and why, and how long their messages were: counted by path between two ticks."""

from __future__ import annotations

from collections import Counter, deque

from monitoring.core.causes import Cause
from monitoring.core.idle_losses import IdleLosses
from monitoring.core.path_patterns import OTHER_PATHS, PathPatterns
from monitoring.core.stats.breakdowns import DEPARTED_LATELY, DEPARTURES, MESSAGE_SIZES, Breakdowns

MINUTE = 60.0
SIZES = 65
"""A message's size in bits: no length has more than 64."""


class Departures:
    """Counts departures by cause and path."""

    def __init__(self, paths: PathPatterns) -> None:
        self._paths = paths
        self._counts: dict[str, int] = {}
        self._lately: deque[tuple[float, dict[str, int]]] = deque()
        self._in_a_minute: Counter[str] = Counter()
        self._idle_losses = IdleLosses()

    def count(self, cause: Cause, path: str) -> None:
        """One session on this path ended; empty if nobody knows its path."""
        label = f"{cause} {self._paths.of(path) if path else OTHER_PATHS}"
        self._counts[label] = self._counts.get(label, 0) + 1

    def is_cut_by_proxy(self, path: str, idle_seconds: float, now: float, *, forwarded: bool) -> bool:
        """Whether a connection that was lost now was cut by a proxy; see `IdleLosses`."""
        return self._idle_losses.is_cut_by_proxy(self._paths.of(path), idle_seconds, now, forwarded=forwarded)

    def take(self, into: Breakdowns, now: float) -> None:
        """Hands over what was counted since the last call, and how many left for each cause in the last minute."""
        if self._counts:
            causes: Counter[str] = Counter()
            for label, count in self._counts.items():
                causes[label.partition(" ")[0]] += count
            self._lately.append((now, causes))
            self._in_a_minute += causes
            into[DEPARTURES], self._counts = self._counts, {}
        while self._lately and self._lately[0][0] <= now - MINUTE:
            # Subtracting drops what has come to nothing.
            self._in_a_minute -= Counter(self._lately.popleft()[1])
        if self._in_a_minute:
            into[DEPARTED_LATELY] = dict(self._in_a_minute)


class MessageSizes:
    """Counts received messages by their size, a power of two, and path."""

    def __init__(self, paths: PathPatterns) -> None:
        self._paths = paths
        self._counts: dict[str, list[int]] = {}

    def of(self, path: str) -> list[int]:
        """The counts of this path: whoever gets a message adds 1 at its `size.bit_length()`."""
        return self._counts.setdefault(self._paths.of(path) if path else OTHER_PATHS, [0] * SIZES)

    def take(self, into: Breakdowns) -> None:
        """Hands over what was counted since the last call; the lists stay those that were given out."""
        found: dict[str, int] = {}
        for pattern, counts in self._counts.items():
            # Most paths were quiet, and looking for that costs less than looking at each size.
            if not any(counts):
                continue
            for bits, count in enumerate(counts):
                if count:
                    counts[bits] = 0
                    found[f"{bits} {pattern}"] = count
        if found:
            into[MESSAGE_SIZES] = found


class CountsByPath:
    """What a node counts by the paths of its consumers. `paths` are the patterns that all of it shares."""

    def __init__(self) -> None:
        self.paths = PathPatterns()
        self.departures, self.message_sizes = Departures(self.paths), MessageSizes(self.paths)

    def take(self, into: Breakdowns, now: float) -> None:
        """Hands over what was counted since the last call; `now` is when, UTC epoch seconds."""
        self.departures.take(into, now)
        self.message_sizes.take(into)
