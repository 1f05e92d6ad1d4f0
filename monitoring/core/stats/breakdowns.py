"""Counts of one thing by label, such as departures by cause and path: what adds up without a column for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Breakdowns = dict[str, dict[str, int]]
"""For each kind the counts by label. A label is one word, or two with a space between: what is counted, and the path
of the consumer."""

VERDICTS, DEPARTURES, MESSAGE_SIZES = "verdicts", "departures", "message_sizes"
"""Client-seconds by verdict; sessions that ended by cause and path; messages received by the power of two that their
bytes lie below, and path."""

KINDS = (VERDICTS, DEPARTURES, MESSAGE_SIZES)

DEPARTED_LATELY = "departed_lately"
"""Sessions that ended in the last minute by cause, in each sample: what rules about shares of departures look at. It is
a level, which is neither stored, because a minute's departures say the same, nor divided with its sample."""

MOST_LABELS = 4_000
"""Of one kind. A node tells fifty paths apart and all others together, and 65 sizes of messages: so a sample has fewer,
also one that was merged from many."""

LONGEST_LABEL = 300


def added(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> Breakdowns:
    """The counts of all parts together."""
    total: Breakdowns = {}
    for part in parts:
        for kind, counts in part.items():
            found = total.setdefault(kind, {})
            for label, count in counts.items():
                found[label] = found.get(label, 0) + count
    return total


def share(whole: Mapping[str, Mapping[str, int]], begin: float, end: float) -> Breakdowns:
    """The counts of the part from `begin` to `end`, two shares of the whole's time; the parts add up to the whole."""
    parts = {
        kind: {label: part for label, count in counts.items() if (part := round(count * end) - round(count * begin))}
        for kind, counts in whole.items()
        if kind != DEPARTED_LATELY
    }
    found = {kind: counts for kind, counts in parts.items() if counts}
    if lately := whole.get(DEPARTED_LATELY):
        found[DEPARTED_LATELY] = dict(lately)
    return found


def counted(found: Mapping[str, dict[str, int]]) -> Breakdowns:
    """What of it is counted, and may be stored and added up."""
    return {kind: counts for kind, counts in found.items() if kind != DEPARTED_LATELY}


def check(found: Mapping[str, Mapping[str, int]], most_counted: int) -> None:
    """Raises ValueError for what no node can have counted."""
    for kind, counts in found.items():
        if len(counts) > MOST_LABELS or not all(0 < len(label) <= LONGEST_LABEL for label in counts):
            raise ValueError(f"more than {MOST_LABELS} labels of {kind[:40]!r}, or one of more than {LONGEST_LABEL}")
        if not all(0 <= count <= most_counted for count in counts.values()):
            raise ValueError(f"{kind[:40]!r} counts what nobody can have counted")
