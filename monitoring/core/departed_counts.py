"""What nodes had counted that are not there any more: the fleet's totals never go back because one has left."""

from __future__ import annotations

import math
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
)
"""What only grows as long as a node runs."""

MOST_LIVES = 1_000


class Life(NamedTuple):
    """The last report of one start of a node: when it was made, UTC epoch seconds, and the server's figures."""

    node: str
    timestamp: float
    server: Mapping[str, Any]


class DepartedCounts:
    """Remembers what each node said last, for as long as this node runs."""

    def __init__(self) -> None:
        self._running: dict[str, Life] = {}
        self._ended: list[Life] = []
        self._oldest: Counter[str] = Counter()

    def note(self, reports: Sequence[Report]) -> None:
        """Takes in one moment's reports. A node that has been running for less long than before has started anew."""
        for report in reports:
            before = self._running.get(report.node)
            if before is not None:
                if report.timestamp < before.timestamp:
                    continue
                if report.server["uptime_seconds"] < before.server["uptime_seconds"]:
                    self._end(before)
            self._running[report.node] = Life(report.node, report.timestamp, report.server)

    def beside(self, reports: Sequence[Report], at: float) -> Counter[str]:
        """What all had counted that were there before the moment, and are not in its reports."""
        told = {report.node: report.timestamp for report in reports}
        counts = Counter(self._oldest)
        for life in self._running.values():
            if life.timestamp <= at and life.node not in told:
                counts.update(_counts(life))
        for life in self._ended:
            if life.timestamp <= at and told.get(life.node, math.inf) > life.timestamp:
                counts.update(_counts(life))
        return counts

    def _end(self, life: Life) -> None:
        self._ended.append(life)
        if len(self._ended) > MOST_LIVES:
            self._oldest.update(_counts(self._ended.pop(0)))


def _counts(life: Life) -> dict[str, int]:
    return {name: life.server.get(name, 0) for name in COUNTED}
