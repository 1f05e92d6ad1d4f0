"""What a backtest found: its episodes and figures, from replays or, where nothing can be computed, from what was
recorded."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import NamedTuple

from django.db.models import Sum

from monitoring.core.alert_course import Course
from monitoring.core.alert_episodes import NodeAlert, episodes
from monitoring.core.alert_replay import Replay
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.notice_forecast import notices
from monitoring.history.resolution import MINUTE
from monitoring.history.stored_levels import Who
from monitoring.models import Alert, Minute

FLEET_SUBJECT = "fleet"
RECORDED = "recorded"
"""The source of episodes that nobody can compute: the alerts themselves."""


@dataclass(frozen=True, slots=True)
class BacktestEpisode:
    """From when an alert would have fired to when it would have been over, UTC epoch seconds; None if that is after the
    range. If it is `approximate`, its beginning or its end lies in a minute that left it open.
    """

    subject: str
    start: float
    end: float | None
    peak: float
    flapping: bool = False
    approximate: bool = False


class TierSpan(NamedTuple):
    """A part of the range, UTC epoch seconds, and what it was computed from: second, minute, or recorded alerts."""

    tier: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have done from `start` to `end`, UTC epoch seconds; episodes are in order of time.

    `seconds_firing` is the sum over subjects, `at_least` and `at_most` its bounds, both None if they are not known.
    `open_minutes` left something open. `flaps` is how many episodes were flapping, `coverage` (0..1) the share of the
    range that any node measured. Without `is_measured`, nothing that the rule is about was, and no episode says
    nothing. `note` says why it could not be computed, and what it shows instead.
    """

    rule: Rule
    start: float
    end: float
    episodes: list[BacktestEpisode]
    seconds_firing: float
    at_least: float | None
    at_most: float | None
    open_minutes: int
    flaps: int
    notices: int
    coverage: float
    is_measured: bool
    tiers: list[TierSpan]
    subjects: list[str]
    note: str = ""

    @property
    def is_computed(self) -> bool:
        return not self.note


def result(
    rule: Rule, start: float, end: float, replays: list[Replay], tiers: list[TierSpan], coverage: float
) -> Backtest:
    """What these replays make of a rule in the range, UTC epoch seconds.

    Within minutes the likely course counts; `at_least` and `at_most` are for the courses in which it fires for the
    shortest and for the longest time, and None if nobody can say.
    """
    likely = list(_episodes(rule, replays, [one.likely for one in replays], start, end))
    known = not any(one.is_unbounded for one in replays)
    least, most = (
        _firing(_episodes(rule, replays, courses, start, end), start, end) if known else None
        for courses in ([one.least for one in replays], [one.most for one in replays])
    )
    return Backtest(
        rule=rule,
        start=start,
        end=end,
        episodes=likely,
        seconds_firing=_firing(likely, start, end),
        at_least=least,
        at_most=most,
        open_minutes=sum(start - MINUTE < minute < end for one in replays for minute in one.open_minutes),
        flaps=sum(episode.flapping for episode in likely),
        notices=notices([(one.start, one.end) for one in likely], rule.severity, end),
        coverage=coverage,
        is_measured=any(one.reached > start for one in replays),
        tiers=tiers,
        subjects=sorted({_subject(rule, one.who) for one in replays}),
    )


def _episodes(
    rule: Rule, replays: Iterable[Replay], courses: Iterable[Course], start: float, end: float
) -> Iterator[BacktestEpisode]:
    """The episodes of each subject that were not over before the range, in order of time."""
    alerts: defaultdict[str, list[NodeAlert]] = defaultdict(list)
    open_minutes: defaultdict[str, set[int]] = defaultdict(set)
    for replay, course in zip(replays, courses, strict=True):
        subject = _subject(rule, replay.who)
        alerts[subject] += course.alerts
        open_minutes[subject] |= replay.open_minutes
    found = [
        _episode(rule, subject, one.alerts, open_minutes[subject])
        for subject, own in alerts.items()
        for one in episodes(own)
        if start < one.last.end and one.first.since <= end
    ]
    yield from sorted(found, key=lambda one: (one.start, one.subject))


def _episode(rule: Rule, subject: str, alerts: Sequence[NodeAlert], open_minutes: set[int]) -> BacktestEpisode:
    start, end = alerts[0].since, max(alert.end for alert in alerts)
    decisive = [start, start - rule.for_seconds]
    decisive += [] if math.isinf(end) else [end, end - rule.keep_firing_seconds]
    minutes = {int((moment - 1e-3) // MINUTE * MINUTE) for moment in decisive}
    return BacktestEpisode(
        subject=subject,
        start=start,
        end=None if math.isinf(end) else end,
        peak=reduce(rule.worst, (alert.peak for alert in alerts)),
        flapping=any(alert.flapping for alert in alerts),
        approximate=not minutes.isdisjoint(open_minutes),
    )


def _subject(rule: Rule, who: Who) -> str:
    _, node, host = who
    return host if rule.scope is AlertScope.HOST else node if rule.scope is AlertScope.NODE else FLEET_SUBJECT


def _firing(found: Iterable[BacktestEpisode], start: float, end: float) -> float:
    """For how many seconds of the range, added over subjects."""
    ends = ((max(one.start, start), end if one.end is None else min(one.end, end)) for one in found)
    return round(sum(last - first for first, last in ends), 3)


def measured_share(start: datetime, end: datetime) -> float:
    """The share of the range that any node measured."""
    measured = Minute.objects.of_fleet().between(start, end).aggregate(Sum("coverage"))["coverage__sum"] or 0.0
    return min(1.0, measured / (end - start).total_seconds())


def recorded(rule: Rule, start: datetime, end: datetime, node: str | None, note: str) -> Backtest:
    """The alerts of the rule's name as they were, under whatever terms the rule had then."""
    rows = Alert.objects.of_rule(rule.key).between(start, end)
    rows = rows if node is None else rows.of_node(node)
    found = [
        BacktestEpisode(
            subject=row.subject,
            start=row.started_at.timestamp(),
            end=None if row.ended_at is None or row.ended_at > end else row.ended_at.timestamp(),
            peak=row.peak,
            flapping=row.flapping,
        )
        for row in rows.order_by("started_at", "id")
    ]
    first, last = start.timestamp(), end.timestamp()
    coverage = measured_share(start, end)
    return Backtest(
        rule=rule,
        start=first,
        end=last,
        episodes=found,
        seconds_firing=_firing(found, first, last),
        at_least=None,
        at_most=None,
        open_minutes=0,
        flaps=sum(one.flapping for one in found),
        notices=notices([(one.start, one.end) for one in found], rule.severity, last),
        coverage=coverage,
        is_measured=bool(found) or coverage > 0,
        tiers=[TierSpan(RECORDED, first, last)],
        subjects=sorted({one.subject for one in found}),
        note=note,
    )
