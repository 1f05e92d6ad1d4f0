"""How often a rule would have fired: the state machine that decides live, over what was measured.

Seconds are read from the journal for as long as it keeps them, up to two hours, and stored minutes before that. Of a
minute only average, lowest and highest are known, see `core/minute_levels.py`: the result says how much of it is open.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from typing import NamedTuple

from django.utils.translation import gettext, gettext_noop, ngettext

from monitoring.columns import timestamp
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_replay import Replay
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.alert_values import observation_of
from monitoring.core.stats.sample import Sample
from monitoring.history import seconds
from monitoring.history.backtest_result import Backtest, TierSpan, measured_share, recorded, result
from monitoring.history.resolution import MINUTE, MOST_SECONDS, SECOND
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.history.stored_levels import Who, replay_minutes
from monitoring.unit_texts import with_unit

WEEK = timedelta(days=7)
WARM_UP = 600.0
"""Seconds before the range that are replayed as well, so that what fires at its beginning is known."""

CLIENTS_NOT_KEPT = gettext_noop(
    "client rules need single clients, which are not kept: these are the alerts that were recorded"
)
NOT_KEPT = gettext_noop("%(metric)s is not kept in history: these are the alerts that were recorded")
TIERS = {
    "second": gettext_noop("seconds"),
    "minute": gettext_noop("minutes"),
    "hour": gettext_noop("hours"),
    "day": gettext_noop("days"),
}


class Preview(NamedTuple):
    """How often a rule would have fired in the last seven days, for how many seconds, and what that was computed from:
    a sentence."""

    episodes: int
    seconds_firing: float
    from_what: str


def preview(rule: Rule, now: datetime | None = None) -> Preview:
    """What a rule would have done in the last seven days. Nothing is stored or changed."""
    end = now or timestamp(time.time())
    found = backtest(rule, end - WEEK, end)
    return Preview(len(found.episodes), found.seconds_firing, from_what(found))


def from_what(found: Backtest) -> str:
    """What a backtest was computed from, as a sentence without its stop."""
    if found.note:
        return found.note
    if not found.is_measured:
        return gettext("nothing was measured in this time")
    tiers = [gettext(TIERS[tier]) for tier in dict.fromkeys(span.tier for span in found.tiers)]
    stored = reduce(lambda some, last: gettext("%(some)s and %(last)s") % {"some": some, "last": last}, tiers)
    made = gettext("computed from stored %(tiers)s, %(share)s of the time was measured")
    made %= {"tiers": stored, "share": _percent(found.coverage)}
    if found.at_least is None:
        return gettext("%(made)s; of a minute only the value over all of it is known") % {"made": made}
    if not found.open_minutes:
        return made
    matter = ngettext(
        "%(made)s; of %(count)d minute the single seconds would matter",
        "%(made)s; of %(count)d minutes the single seconds would matter",
        found.open_minutes,
    )
    return matter % {"made": made, "count": found.open_minutes}


def _percent(share: float) -> str:
    """Neither nothing nor everything unless it is."""
    if share < 0.001:
        return gettext("less than %(share)s") % {"share": with_unit("0.1", "%")}
    return with_unit("100" if share >= 1 else f"{min(share * 100, 99.9):.1f}", "%")


def backtest(rule: Rule, start: datetime, end: datetime, *, node: str | None = None) -> Backtest:
    """What the rule would have done from `start` to `end` (exclusive), on all nodes or on one.

    Rules about clients, and about values that are not in samples, cannot be computed: the result then has the alerts
    that were recorded under that rule's name, and says so. Raises ValueError for an empty range, and for one node if
    the rule is about all of them.
    """
    first, last = start.timestamp(), end.timestamp()
    if first >= last:
        raise ValueError(f"from {start} to {end}: the range must end after it starts")
    if node is not None and rule.scope is AlertScope.FLEET:
        raise ValueError(f"node={node}: must be left out, because {rule.key} is about all nodes together")
    if note := _why_not(rule):
        return recorded(rule, start, end, node, note)
    replays, tiers = _replayed(rule, first, last, node)
    return result(rule, first, last, replays, tiers, measured_share(start, end))


def _why_not(rule: Rule) -> str:
    if rule.scope is AlertScope.CLIENT:
        return gettext(CLIENTS_NOT_KEPT)
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    # A metric that the catalogue does not have is a gauge of the project, which minutes keep.
    return gettext(NOT_KEPT) % {"metric": rule.metric} if metric is not None and not metric.stored else ""


def _replayed(rule: Rule, start: float, end: float, node: str | None) -> tuple[list[Replay], list[TierSpan]]:
    replays: dict[Who, Replay] = {}

    def replay(who: Who) -> Replay:
        found = replays.get(who)
        if found is None:
            found = replays[who] = Replay(rule, who)
        return found

    try:
        since = _seconds_from(start, end)
        by_second = list(_seconds(rule, since, end, node)) if since < end else []
    except SecondsUnavailableError:
        # It has logged why; minutes are as true, only not as fine, and `tiers` says so.
        since, by_second = end, []
    early = start - max(WARM_UP, min(rule.for_seconds + rule.keep_firing_seconds + MINUTE, 86_400.0))
    replay_minutes(rule, timestamp(early), timestamp(since), node, replay)
    for who, sample in by_second:
        observation = observation_of(rule, sample, max(1.0, sample.seconds))
        if observation is not None:
            replay(who).observe(observation, sample.until)
    for one in replays.values():
        one.finish(end)
    spans = [TierSpan("minute", start, min(since, end))] if since > start else []
    return list(replays.values()), [*spans, *([TierSpan(SECOND, max(start, since), end)] if since < end else [])]


def _seconds_from(start: float, end: float) -> float:
    """From which minute on the journal's seconds are read, UTC epoch seconds; `end` if it has none of the range.

    Raises SecondsUnavailableError.
    """
    span = seconds.span()
    if span is None:
        return end
    since = max(span[0].timestamp(), end - MOST_SECONDS)
    return min(end, max(math.ceil(since / MINUTE) * MINUTE, math.floor((start - WARM_UP) / MINUTE) * MINUTE))


def _seconds(rule: Rule, since: float, end: float, node: str | None) -> Iterator[tuple[Who, Sample]]:
    """What each start of each node measured, or all together, in order of time."""
    if rule.scope is AlertScope.FLEET:
        for sample in seconds.samples(timestamp(since), timestamp(end)):
            yield ("", "", ""), sample
        return
    for part in seconds.recorded(timestamp(since), timestamp(end)):
        if node is None or part.node == node:
            yield (part.boot, part.node, part.host), part.sample
