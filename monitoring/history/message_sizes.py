"""How long received messages were, by path: what one must know to choose a limit for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitoring.core.stats.breakdowns import MESSAGE_SIZES, MOST_LABELS
from monitoring.history.breakdown_series import By, breakdown_series


@dataclass(frozen=True, slots=True)
class PathSizes:
    """The messages of one path: bounds in bytes that half, 99 % and all of them stay below, each a power of two."""

    path: str
    count: int
    half_below: int
    most_below: int
    all_below: int


def message_sizes(start: datetime, end: datetime, nodes: Collection[str] | None = None) -> list[PathSizes]:
    """The paths that got messages from `start` to `end` (exclusive), those with the most first."""
    found = breakdown_series(
        MESSAGE_SIZES, start, end, by=By.LABEL, nodes=nodes, points=1, most_labels=50 * MOST_LABELS
    )
    by_path: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for label, count in found.totals.items():
        bits, _, path = label.partition(" ")
        if bits.isdecimal():
            by_path[path][int(bits)] = count
    rows = [_sizes(path, counts) for path, counts in by_path.items()]
    return sorted(rows, key=lambda row: (-row.count, row.path))


def _sizes(path: str, counts: dict[int, int]) -> PathSizes:
    total = sum(counts.values())
    return PathSizes(path, total, _below(counts, total * 0.5), _below(counts, total * 0.99), _below(counts, total))


def _below(counts: dict[int, int], wanted: float) -> int:
    """The power of two that so many of them are below."""
    seen = 0
    for bits, count in sorted(counts.items()):
        seen += count
        if seen >= wanted:
            return int(2**bits)
    return 0
