"""The stored rows that answer for a range: of the tier that fits, folded over the nodes, and put into buckets."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from monitoring.columns import timestamp
from monitoring.core.stats.fold import fold
from monitoring.core.stats.sample import SKETCHES, Sample
from monitoring.history import seconds
from monitoring.history.chart_buckets import Sketches
from monitoring.history.resolution import SECOND, Resolution, resolution
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.models import PruneWatermark
from monitoring.models.tiers import TIERS

Found = TypeVar("Found")
SecondsFrom = Callable[[], float | None]


@dataclass(frozen=True, slots=True)
class Stretches:
    """A range as it is read, for these nodes or for all (None).

    `start` and `end`, UTC epoch seconds, are what is counted: the requested range, widened to whole rows of the tier,
    but not beyond now. `times` are the buckets' starts in UTC epoch seconds, empty ones included.
    """

    chosen: Resolution
    start: float
    end: float
    requested_end: datetime
    nodes: Collection[str] | None

    @property
    def times(self) -> list[int]:
        width = self.chosen.width
        first = math.floor(self.start / width) * width
        return list(range(first, math.ceil(self.requested_end.timestamp()), width))

    def bucket_of(self, epoch: int) -> int:
        """The start of the bucket that a row belongs to."""
        return epoch - epoch % self.chosen.width

    def coverage(self, measured: Mapping[int, float]) -> list[float]:
        """The measured share of each bucket's seconds, as far as they lie in the range, 0 to 1."""
        width = self.chosen.width
        return [
            _share(measured.get(start, 0.0), max(start, self.start), min(start + width, self.end))
            for start in self.times
        ]

    def rows(self, fields: Collection[str]) -> Iterator[tuple[int, Sample, Sequence[Sketches]]]:
        """Start, sample and sketches of each row that there is, in order; only these fields of the sample are
        filled."""
        start, end = timestamp(self.start), self.requested_end
        if self.chosen.tier == SECOND:
            for sample in seconds.samples(start, end, self.nodes):
                yield math.floor(sample.start), sample, [{name: getattr(sample, name) for name in SKETCHES}]
            return
        rows = TIERS[self.chosen.tier].objects.between(start, end)
        rows = rows.of_fleet() if self.nodes is None else rows.of_nodes(self.nodes)
        folded = [name for name in fields if name not in SKETCHES]
        for epoch, found in groupby(rows.parts(fields), key=itemgetter(0)):
            _, parts, sketches = zip(*found, strict=True)
            yield epoch, fold(parts, folded), sketches


def read_range(
    start: datetime,
    end: datetime,
    nodes: Collection[str] | None,
    points: int,
    read: Callable[[Stretches], Found],
    *,
    in_seconds: bool = True,
) -> Found:
    """What `read` makes of the range from `start` to `end` (exclusive), in at most `points` buckets.

    Short ranges are read from the journal's seconds, if `in_seconds`, else only from what is stored. Raises ValueError
    for an empty range or fewer than one point.
    """
    if start >= end or points < 1:
        raise ValueError(f"from {start} to {end} in {points} points: the range must end after it starts")
    if in_seconds:
        # Where the journal cannot be read, it has logged why. Stored rows are as true, and `tier` says how fine.
        with suppress(SecondsUnavailableError):
            return read(_stretches(start, end, nodes, points, _journal_from))
    return read(_stretches(start, end, nodes, points, lambda: None))


def _stretches(
    start: datetime, end: datetime, nodes: Collection[str] | None, points: int, seconds_from: SecondsFrom
) -> Stretches:
    first, last = start.timestamp(), end.timestamp()
    pruned, units = PruneWatermark.objects.pruned_until(), 1 if nodes is None else len(nodes)
    chosen = resolution(first, last, points, pruned=pruned, journal_from=seconds_from, nodes=units)
    first = math.floor(first / chosen.stretch) * chosen.stretch
    whole = math.ceil(last / chosen.stretch) * chosen.stretch
    return Stretches(chosen, first, max(last, min(whole, time.time())), end, nodes)


def _journal_from() -> float | None:
    """Since when the journal holds every second, UTC epoch seconds; None while it is empty.

    Raises SecondsUnavailableError.
    """
    span = seconds.span()
    return span[0].timestamp() if span else None


def _share(measured: float, start: float, end: float) -> float:
    return round(min(1.0, measured / (end - start)), 4)
