"""The metrics of rules that are shares of counts by label, such as the client-seconds with one verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from monitoring.core.causes import Cause
from monitoring.core.stats.breakdowns import DEPARTED_LATELY, DEPARTURES, VERDICTS
from monitoring.core.stats.sample import Sample
from monitoring.core.verdicts import Verdict

PERCENT = 100.0


class ShareMetric(NamedTuple):
    """The share of one name among all counts of a kind; `label` is what pages call it."""

    kind: str
    name: str
    label: str

    def of(self, sample: Sample) -> float | None:
        """The share in percent; None if nothing of the kind was counted."""
        counts = sample.breakdowns.get(self.kind, {})
        total = sum(counts.values())
        if not total:
            return None
        return PERCENT * sum(count for label, count in counts.items() if label.partition(" ")[0] == self.name) / total


VERDICT_LABELS = {
    Verdict.FINE: "Share of clients that are fine",
    Verdict.NETWORK: "Share of clients with a slow network",
    Verdict.NOT_READING: "Share of clients that do not read",
    Verdict.CLIENT_BUSY: "Share of clients whose page is busy",
    Verdict.HIDDEN: "Share of clients with a hidden tab",
    Verdict.SERVER_LOOP: "Share of clients that a busy server delays",
    Verdict.SERVER_HANDLER: "Share of clients with a slow handler",
    Verdict.UNKNOWN: "Share of clients of which nothing is known",
}


def verdict_metric(verdict: Verdict) -> str:
    """The name of the metric: verdict_network_percent."""
    return f"verdict_{verdict}_percent"


BREAKDOWN_METRICS: dict[str, ShareMetric] = {
    verdict_metric(verdict): ShareMetric(VERDICTS, verdict, label) for verdict, label in VERDICT_LABELS.items()
}

LEAST_DEPARTURES = 10
"""Of fewer that left within a minute, one would be more than ten percent: that is no share to speak of."""

HALF_A_MINUTE = 30.0
"""Longer samples are stored minutes, which do not hold what left lately."""


class LeftMetric(NamedTuple):
    """The share of a cause among all departures within a minute; `label` is what pages call it.

    A stored minute is one; in a sample of a shorter time, those in the minute before its end count.
    """

    cause: Cause
    label: str

    def of(self, sample: Sample) -> float | None:
        """The share in percent; None if fewer than ten left."""
        lately: Mapping[str, int] = sample.breakdowns.get(DEPARTED_LATELY, {})
        if not lately and sample.until - sample.start > HALF_A_MINUTE:
            lately = _by_cause(sample.breakdowns.get(DEPARTURES, {}))
        total = sum(lately.values())
        return PERCENT * lately.get(self.cause, 0) / total if total >= LEAST_DEPARTURES else None


def _by_cause(counts: Mapping[str, int]) -> Counter[str]:
    causes: Counter[str] = Counter()
    for label, count in counts.items():
        causes[label.partition(" ")[0]] += count
    return causes


LEFT_METRICS: dict[str, LeftMetric] = {
    f"left_{cause}_percent": LeftMetric(cause, f"Departures: {cause.replace('_', ' ')}") for cause in Cause
}
"""By the names of the metrics: left_application_error_percent."""
