"""Chooses the tier and the bucket width for a range: fine enough to see, coarse enough to be quick."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from monitoring.models.tiers import TIERS

SECOND = "second"
MINUTE = 60
DAY = 86_400
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY)

MOST_ROWS = 1_600
"""How many rows of a node, or of the fleet, a query reads at most: 26 hours of minutes, 66 days of hours."""

MOST_IN_ALL = 4 * MOST_ROWS
"""How many rows of all nodes together, if they were chosen one by one."""

MOST_SECONDS = 7_200
"""The longest range that the journal answers; a query reads all its seconds."""


class Resolution(NamedTuple):
    """A tier, and the bucket's width in seconds, a multiple of the tier's rows."""

    tier: str
    width: int

    @property
    def stretch(self) -> int:
        """Seconds of one row."""
        return TIERS[self.tier].SECONDS if self.tier in TIERS else 1


def resolution(
    start: float,
    end: float,
    points: int,
    *,
    pruned: Mapping[str, int],
    journal_from: Callable[[], float | None] = lambda: None,
    nodes: int = 1,
) -> Resolution:
    """The finest tier that still holds the range in few enough rows, and the narrowest bucket for this many points.

    `pruned` says up to which epoch second each tier was deleted. `journal_from` is called only if buckets could be
    below a minute, or if the range begins or ends within one: it returns since when the journal has every second, None
    if it has none. `nodes` is how many nodes are read.
    """
    width = bucket_width(start, end, points)
    if (width < MINUTE or start % MINUTE or end % MINUTE) and end - start <= MOST_SECONDS:
        since = journal_from()
        if since is not None and since <= start:
            return Resolution(SECOND, width)
    rows = min(MOST_ROWS, MOST_IN_ALL // max(1, nodes))
    tier = next((tier for tier in TIERS if _holds(tier, start, end, pruned, rows)), "day")
    return Resolution(tier, bucket_width(start, end, points, at_least=TIERS[tier].SECONDS))


def _holds(tier: str, start: float, end: float, pruned: Mapping[str, int], rows: int) -> bool:
    model = TIERS[tier]
    return model.start_of(start) >= pruned.get(tier, 0) and end - start <= rows * model.SECONDS


def bucket_width(start: float, end: float, points: int, at_least: int = 1) -> int:
    """The smallest width, in seconds, that divides the range into at most this many buckets; beyond a day, whole
    days."""
    for width in WIDTHS:
        if width >= at_least and _bucket_count(start, end, width) <= points:
            return width
    return next(days * DAY for days in itertools.count(2) if _bucket_count(start, end, days * DAY) <= points)


def _bucket_count(start: float, end: float, width: int) -> int:
    return math.ceil(end / width) - math.floor(start / width)
