"""Counts by label over a range, such as departures by cause: bars of a chart, and rows of the API.

The tier is chosen as for series. A label of the stored counts is one word, or two with a space between, of which the
second is the consumer's path; a series is by the first word, by path, or by both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from monitoring.core.causes import Cause
from monitoring.core.stats.breakdowns import DEPARTURES, KINDS
from monitoring.core.stats.sample import BREAKDOWNS, Sample
from monitoring.history.stretches import Stretches, read_range

MOST_LABELS = 100
"""A series has the labels that were counted most, and the others together."""

OTHER = "other"


class By(StrEnum):
    """What a series tells apart."""

    NAME = "name"
    PATH = "path"
    LABEL = "label"
    """Name and path, as the label has them."""


@dataclass(frozen=True, slots=True)
class BreakdownSeries:
    """One kind of counts in buckets of equal width; all lists have one length.

    `times` are the buckets' starts in UTC epoch seconds, empty buckets included. `counts` has a list for each label,
    those with the highest totals first; None where nothing was measured. `start` and `end`, UTC epoch seconds, are the
    range that was counted: the requested one, widened to whole rows of `tier` (second, minute, hour or day), but not
    beyond now. `coverage` (0..1) is the measured share of the seconds in the bucket and in this range.
    """

    kind: str
    tier: str
    bucket_seconds: int
    start: float
    end: float
    times: list[int]
    counts: dict[str, list[int | None]]
    coverage: list[float]

    @property
    def totals(self) -> dict[str, int]:
        """The count of each label over the whole range."""
        return {label: sum(count or 0 for count in counts) for label, counts in self.counts.items()}


def breakdown_series(
    kind: str,
    start: datetime,
    end: datetime,
    *,
    by: By = By.NAME,
    path: str | None = None,
    nodes: Collection[str] | None = None,
    points: int = 300,
    most_labels: int = MOST_LABELS,
) -> BreakdownSeries:
    """The counts from `start` to `end` (exclusive), of these nodes or of all, in at most `points` buckets.

    With a `path`, a pattern as it was counted, only the counts of that one. Beyond `most_labels`, the least counted are
    counted together. Departures that older releases counted without a cause are `unknown`. Raises ValueError for an
    unknown kind or an empty range.
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind}: must be one of {', '.join(KINDS)}")
    # Departures are corrected where they are stored, so the journal's seconds know less.
    in_seconds = kind != DEPARTURES
    read = partial(_read, kind, by, path, most_labels)
    return read_range(start, end, nodes, points, read, in_seconds=in_seconds)


def _read(kind: str, by: By, path: str | None, most_labels: int, stretches: Stretches) -> BreakdownSeries:
    measured: defaultdict[int, float] = defaultdict(float)
    buckets: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for epoch, sample, _ in stretches.rows([BREAKDOWNS, "disconnects"]):
        bucket = stretches.bucket_of(epoch)
        measured[bucket] += sample.seconds
        for label, count in _counts(kind, sample).items():
            name, _, its_path = label.partition(" ")
            if path is None or path == its_path:
                told = name if by is By.NAME else its_path if by is By.PATH else label
                buckets[bucket][told] += count
    times = stretches.times
    shown = [buckets.get(time, Counter()) for time in times]
    labels = _shown_labels(shown, most_labels)
    known = [time in measured for time in times]
    return BreakdownSeries(
        kind=kind,
        tier=stretches.chosen.tier,
        bucket_seconds=stretches.chosen.width,
        start=stretches.start,
        end=stretches.end,
        times=times,
        counts={
            label: [counts[label] if is_known else None for counts, is_known in zip(shown, known, strict=True)]
            for label in labels
        },
        coverage=stretches.coverage(measured),
    )


def _counts(kind: str, sample: Sample) -> Mapping[str, int]:
    counts = sample.breakdowns.get(kind, {})
    if kind != DEPARTURES:
        return counts
    # Nodes do not count what they no longer live to see.
    told = sum(count for label, count in counts.items() if label.partition(" ")[0] != Cause.SERVER_KILLED)
    untold = sample.disconnects - told
    return {**counts, Cause.UNKNOWN: counts.get(Cause.UNKNOWN, 0) + untold} if untold > 0 else counts


def _shown_labels(buckets: list[Counter[str]], most: int) -> list[str]:
    """The labels by how much was counted; what is beyond the limit is counted as other in these buckets."""
    totals: Counter[str] = Counter()
    for bucket in buckets:
        totals.update(bucket)
    labels = [label for label, _ in sorted(totals.items(), key=lambda found: (-found[1], found[0]))]
    if len(labels) <= most:
        return labels
    kept, rest = labels[: most - 1], labels[most - 1 :]
    for bucket in buckets:
        bucket[OTHER] += sum(bucket.pop(label, 0) for label in rest)
    return [*kept, *([] if OTHER in kept else [OTHER])]
