"""Keeps the stored counts of departures in step with sessions whose cause becomes known, or changes, after they ended.

Nodes count departures as they see them. What only storage finds out, that a node was killed or that a client came back
from another address, is moved in the minute in which the session ended, in the node's row and in the fleet's; hours and
days are rolled up again. The journal's seconds keep what the node saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from monitoring.core.causes import Cause
from monitoring.core.path_patterns import MOST_PATTERNS, OTHER_PATHS, path_pattern
from monitoring.core.stats.breakdowns import DEPARTURES
from monitoring.models import Hour, Minute, Pending, PruneWatermark
from monitoring.models.aggregate import FLEET

Counts = dict[str, int]


class Correction(NamedTuple):
    """So many sessions of one start of a node, on this path, that ended at this moment: counted so far for the cause
    `before`, or not at all, and now for `after`, or no longer."""

    boot: str
    ended: datetime
    path: str
    before: Cause | None
    after: Cause | None
    count: int = 1


def correct(corrections: Iterable[Correction]) -> None:
    """Moves the counts, inside the caller's transaction. What is not stored, or was counted otherwise, stays so."""
    by_minute: defaultdict[int, list[Correction]] = defaultdict(list)
    for one in corrections:
        by_minute[Minute.start_of(one.ended.timestamp())].append(one)
    if not by_minute:
        return
    PruneWatermark.objects.lock()
    rows = list(Minute.objects.at(by_minute))
    nodes = {(row.boot, row.epoch): row for row in rows if row.node != FLEET}
    fleets = {row.epoch: row for row in rows if row.node == FLEET}
    changed: dict[int, Minute] = {}
    for epoch, found in by_minute.items():
        for one in found:
            node = nodes.get((one.boot, epoch))
            moved = {} if node is None else _moved(_departures(node), one)
            for row in (node, fleets.get(epoch)):
                if row is not None and moved:
                    _add(row, moved)
                    changed[row.pk] = row
    Minute.objects.bulk_update(changed.values(), ["breakdowns"])
    Pending.objects.mark("hour", {Hour.start_of(row.epoch) for row in changed.values()})


def _departures(row: Minute) -> Counts:
    counts: Counts = (row.breakdowns or {}).get(DEPARTURES, {})
    return counts


def _moved(counts: Counts, one: Correction) -> Counts:
    """What is to be added by label; empty if the row holds nothing that could be moved."""
    moved: Counts = {}
    path = _known_path(counts, one)
    if one.before is not None:
        label = f"{one.before} {path}"
        count = min(one.count, counts.get(label, 0))
        if not count:
            return {}
        moved[label] = -count
    else:
        count = one.count
    if one.after is not None:
        moved[f"{one.after} {path}"] = count
    return moved


def _known_path(counts: Counts, one: Correction) -> str:
    """The path as its node counts it."""
    pattern = path_pattern(one.path)
    if one.before is not None:
        return pattern if f"{one.before} {pattern}" in counts else OTHER_PATHS
    known = {label.partition(" ")[2] for label in counts}
    return pattern if pattern in known or len(known) < MOST_PATTERNS else OTHER_PATHS


def _add(row: Minute, moved: Counts) -> None:
    counts = _departures(row) | {
        label: max(0, _departures(row).get(label, 0) + count) for label, count in moved.items()
    }
    row.breakdowns = {**(row.breakdowns or {}), DEPARTURES: {label: count for label, count in counts.items() if count}}
