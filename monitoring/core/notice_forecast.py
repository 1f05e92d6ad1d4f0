"""How many notices one channel would have been sent about the episodes of one rule."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitoring.core.notice_policy import NEVER, Before, Candidate, Terms, decide

TERMS = Terms()
"""Those of a channel as it is created."""


def notices(spans: Sequence[tuple[float, float | None]], severity: str, until: float, terms: Terms = TERMS) -> int:
    """The number of notices about episodes from a beginning to an end, UTC epoch seconds, None while they go on.

    They are decided as for a channel of its own with these terms, at the moments at which something changes, when
    nobody silences or acknowledges anything. What comes after `until` does not count.
    """
    moments = [(start, number) for number, (start, _) in enumerate(spans)]
    moments += [(end, number) for number, (_, end) in enumerate(spans) if end is not None]
    heapq.heapify(moments)
    there: dict[int, Candidate] = {}
    before, sent = Before(), 0
    while moments and moments[0][0] <= until:
        at, number = heapq.heappop(moments)
        _change(there, spans, severity, at, number)
        if moments and moments[0][0] == at:
            continue
        now = _moment(at)
        while (decision := decide(terms, list(there.values()), before, now)) is not None:
            sent += 1
            if decision.kind == "resolved":
                before = before._replace(resolved_at=now)
            else:
                before = before._replace(firing_at=now, severity=severity)
            _told(there, decision.firing, decision.over, severity)
        if there and (wake := _next(terms, before, now)) is not None:
            heapq.heappush(moments, (wake.timestamp(), -1))
    return sent


def _change(
    there: dict[int, Candidate], spans: Sequence[tuple[float, float | None]], severity: str, at: float, number: int
) -> None:
    if number < 0:
        return
    start, end = spans[number]
    is_over = end is not None and end <= at
    if number in there or not is_over:
        known = there.get(number) or Candidate(number, severity, _moment(start))
        there[number] = known._replace(is_over=is_over)
    else:
        there[number] = Candidate(number, severity, _moment(start), is_over=True)


def _told(there: dict[int, Candidate], firing: Sequence[int], over: Sequence[int], severity: str) -> None:
    for number in firing:
        there[number] = there[number]._replace(told=severity)
    for number in over:
        del there[number]


def _next(terms: Terms, before: Before, now: datetime) -> datetime | None:
    """When something may be due although nothing changes."""
    waits = [(before.firing_at, terms.window), (before.resolved_at, terms.window)]
    waits += [(before.firing_at, terms.repeat)] if terms.repeat != NEVER else []
    due = [since + length for since, length in waits if since is not None and since + length > now]
    return min(due, default=None)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(math.floor(at), UTC) + timedelta(seconds=at % 1)
