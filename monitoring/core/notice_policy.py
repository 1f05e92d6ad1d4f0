"""Decides whether a channel is told about the alerts of one rule now. Pure: values in, a decision out.

A decision follows from what fires and from what the channel was told before, not from single events: whoever asks
again, later or twice, gets what is still missing and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from monitoring.core.alert_rules import SEVERITIES

Kind = Literal["firing", "resolved", "repeated", "escalated"]
NEVER = timedelta(0)


class Terms(NamedTuple):
    """How a channel is told. After one notice about firing alerts the next one waits until `window` is over.

    With a `repeat` other than zero, what still fires is told again so long after the last notice. `escalates_after`
    other than zero means that the channel is only told about what nobody has acknowledged for that long. A channel that
    `tells_each_end` is told about every single end, others once everything that they were told about is over.
    """

    window: timedelta = timedelta(minutes=15)
    repeat: timedelta = timedelta(hours=4)
    escalates_after: timedelta = NEVER
    tells_resolved: bool = True
    tells_each_end: bool = False


class Candidate(NamedTuple):
    """One alert of the rule, as it is now, and what the channel was told about it.

    `is_hidden` while a silence or somebody's acknowledgement covers it. `told` is the severity that the channel knows
    it to fire with; None if it knows of no such alert, or that it is over. `was_hidden` if it was since then.
    """

    number: int
    severity: str
    began: datetime
    is_over: bool = False
    is_hidden: bool = False
    told: str | None = None
    was_hidden: bool = False


class Before(NamedTuple):
    """When the channel was last told that alerts of the rule fire, with the highest severity among them, and when that
    they were over; None if it was not, lately."""

    firing_at: datetime | None = None
    severity: str = ""
    resolved_at: datetime | None = None


class Decision(NamedTuple):
    """A notice to write, and the numbers of the alerts that it is about."""

    kind: Kind
    firing: Sequence[int]
    over: Sequence[int]


def rank(severity: str) -> int:
    """0 for the most severe; what is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def worst(severities: Iterable[str]) -> str:
    """The most severe; empty if there are none."""
    return min(severities, key=rank, default="")


def decide(terms: Terms, alerts: Sequence[Candidate], before: Before, now: datetime) -> Decision | None:
    """What the channel is told now about these alerts of one rule; None if nothing."""
    firing = [one for one in alerts if _is_due(one, terms, now)]
    news = [one for one in firing if _is_news(one)]
    over = [one for one in alerts if one.is_over and one.told is not None and not one.is_hidden]
    ended = _numbers(over) if terms.tells_resolved else []
    if news and (not _within(terms.window, before.firing_at, now) or _rises(news, before)):
        return Decision("escalated" if terms.escalates_after else "firing", _numbers(firing), ended)
    if ended and _may_tell_the_end(terms, alerts, before, now):
        return Decision("resolved", [], ended)
    if missed := _missed(terms, alerts, before, now):
        return Decision("resolved", [], missed + ended)
    known = [one for one in firing if one.told is not None]
    if known and terms.repeat and not _within(terms.repeat, before.firing_at, now):
        return Decision("repeated", _numbers(firing), ended)
    return None


def _is_due(alert: Candidate, terms: Terms, now: datetime) -> bool:
    return not alert.is_over and not alert.is_hidden and alert.began + terms.escalates_after <= now


def _is_news(alert: Candidate) -> bool:
    return alert.told is None or alert.was_hidden or rank(alert.severity) < rank(alert.told)


def _rises(news: Iterable[Candidate], before: Before) -> bool:
    return rank(worst(one.severity for one in news)) < rank(before.severity)


def _may_tell_the_end(terms: Terms, alerts: Iterable[Candidate], before: Before, now: datetime) -> bool:
    if terms.tells_each_end:
        return True
    still_fires = any(one.told is not None and not one.is_over for one in alerts)
    return not still_fires and not _within(terms.window, before.resolved_at, now)


def _missed(terms: Terms, alerts: Iterable[Candidate], before: Before, now: datetime) -> list[int]:
    """What fired and was over before anybody could be told, because nothing was stored meanwhile."""
    if terms.escalates_after or terms.tells_each_end:
        return []
    if _within(terms.window, before.firing_at, now) or _within(terms.window, before.resolved_at, now):
        return []
    return _numbers(one for one in alerts if one.is_over and one.told is None and not one.is_hidden)


def _within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    # A moment in the future is one that a clock said which has been set back since.
    return since is not None and abs(now - since) < span


def _numbers(alerts: Iterable[Candidate]) -> list[int]:
    return [one.number for one in alerts]
