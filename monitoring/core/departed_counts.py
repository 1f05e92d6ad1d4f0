"""Counts of nodes that are gone, so that the fleet's totals never drop because a node has left."""

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
"""The figures that only grow while a node runs, besides `refused`, which is counted by cause."""

MOST_NODES = 1_000
"""Remembered one by one; of nodes that left before them only the sums."""


class LastSeen(NamedTuple):
    """When a node was last heard, by this node's monotonic clock, and its server figures then."""

    moment: float
    server: Mapping[str, Any]


class Counted(NamedTuple):
    """Sums of what nodes had counted, and of refused connections by cause."""

    counts: Counter[str]
    refused: Counter[str]

    def add(self, server: Mapping[str, Any]) -> None:
        self.counts.update({name: server.get(name, 0) for name in COUNTED})
        self.refused.update(server.get("refused", {}))


class DepartedCounts:
    """Remembers the last report of each start of a node, for as long as this node runs."""

    def __init__(self) -> None:
        self._nodes: dict[str, LastSeen] = {}
        self._forgotten = Counted(Counter(), Counter())

    def note(self, reports: Sequence[Report], moment: float) -> None:
        """Takes the reports of one moment, by this node's monotonic clock."""
        for report in reports:
            # The most recently heard node comes last.
            self._nodes.pop(_identity(report), None)
            self._nodes[_identity(report)] = LastSeen(moment, report.server)
        while len(self._nodes) > MOST_NODES:
            oldest = next(iter(self._nodes))
            self._forgotten.add(self._nodes.pop(oldest).server)

    def beside(self, reports: Sequence[Report], moment: float) -> dict[str, Any]:
        """Server figures of all nodes that were there before the moment and are not in its reports; empty if there is
        none."""
        there = {_identity(report) for report in reports}
        if not self._forgotten.counts and there.issuperset(self._nodes):
            return {}
        counted = Counted(Counter(self._forgotten.counts), Counter(self._forgotten.refused))
        for identity, seen in self._nodes.items():
            if seen.moment <= moment and identity not in there:
                counted.add(seen.server)
        return {**{name: counted.counts[name] for name in COUNTED}, "refused": dict(counted.refused)}


def _identity(report: Report) -> str:
    # A node of an older release does not report its boot.
    return report.boot or report.node
