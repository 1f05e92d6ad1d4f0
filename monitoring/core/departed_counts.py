"""What nodes had counted that are not there any more: the fleet's totals never go back because one has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from monitoring.core.message import Report

COUNTED = (
    "total_messages",
    "bytes_sent",
    "bytes_received",
    "errors",
    "paused_reads",
    "closed_slow",
    "refused_messages",
    "skipped_frames",
    "sessions_left_out",
)
"""What only grows as long as a node runs, besides the refusals by cause."""

REFUSED = "refused "
"""Before a cause: the name of how often that was one."""

MOST_NODES = 1_000
"""Remembered one by one; of those that left before them only the sums."""


class LastSeen(NamedTuple):
    """When a node was last heard, by this node's monotonic clock, and its server figures then."""

    moment: float
    server: Mapping[str, Any]


class DepartedCounts:
    """Remembers what each start of a node said last, for as long as this node runs."""

    def __init__(self) -> None:
        self._nodes: dict[str, LastSeen] = {}
        self._forgotten: Counter[str] = Counter()

    def note(self, reports: Sequence[Report], moment: float) -> None:
        """Takes in the reports of one moment, by this node's monotonic clock."""
        for report in reports:
            # Whoever was heard last stands last.
            self._nodes.pop(_identity(report), None)
            self._nodes[_identity(report)] = LastSeen(moment, report.server)
        while len(self._nodes) > MOST_NODES:
            oldest = next(iter(self._nodes))
            self._forgotten.update(_counts(self._nodes.pop(oldest)))

    def beside(self, reports: Sequence[Report], moment: float) -> Counter[str]:
        """What all had counted that were there before the moment, and are not in its reports."""
        there = {_identity(report) for report in reports}
        counts = Counter(self._forgotten)
        for identity, seen in self._nodes.items():
            if seen.moment <= moment and identity not in there:
                counts.update(_counts(seen))
        return counts


def _identity(report: Report) -> str:
    # A node of an older release does not tell its boot.
    return report.boot or report.node


def _counts(seen: LastSeen) -> dict[str, int]:
    refused = {REFUSED + cause: count for cause, count in seen.server.get("refused", {}).items()}
    return {name: seen.server.get(name, 0) for name in COUNTED} | refused


def refused_in(counts: Mapping[str, int]) -> dict[str, int]:
    """The refusals by cause of what `beside` says."""
    return {name.removeprefix(REFUSED): count for name, count in counts.items() if name.startswith(REFUSED)}
