"""Silences: while one is in force, nobody is told about the alerts that match it; they stay visible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Final

from django.db import connections, models, router
from django.utils import timezone

from monitoring.core import alert_matchers
from monitoring.core.alert_matchers import MatcherIndex
from monitoring.models import Alert, Silence
from monitoring.models.alert import AlertQuerySet

PERIODS: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
COLUMNS = {"client": "client_id"}
"""The columns of alerts whose names are not those of matchers."""


def names_of(alert: Alert) -> dict[str, str]:
    """What matchers compare."""
    return {
        "rule": alert.rule or alert.metric,
        "metric": alert.metric,
        "severity": alert.severity,
        "host": alert.host,
        "node": alert.node,
        "client": alert.client_id,
        "subject": alert.subject,
    }


def matches(matchers: Mapping[str, str], alert: Alert) -> bool:
    """Whether all the matchers match."""
    return alert_matchers.matches(matchers, names_of(alert))


def in_force(moment: datetime) -> list[Silence]:
    """The silences that are in force at the moment."""
    begun = Silence.objects.not_over(moment).filter(starts_at__lte=moment)
    return [silence for silence in begun if is_in_force(silence, moment)]


def is_in_force(silence: Silence, moment: datetime) -> bool:
    if moment < silence.starts_at or (silence.ended_at is not None and silence.ended_at <= moment):
        return False
    if silence.repeats:
        return (moment - silence.starts_at) % PERIODS[silence.repeats] < silence.ends_at - silence.starts_at
    return moment < silence.ends_at


def state_of(silence: Silence, moment: datetime) -> str:
    """ "active", "waiting" for its beginning or for its next stretch, or "over"."""
    if is_in_force(silence, moment):
        return "active"
    is_over = silence.ended_at is not None or (not silence.repeats and silence.ends_at <= moment)
    return "over" if is_over else "waiting"


def ends_after(silence: Silence, moment: datetime) -> datetime:
    """When the stretch ends that it is in at the moment, or the next one if it is in none."""
    if not silence.repeats or moment < silence.starts_at:
        return silence.ends_at
    period = PERIODS[silence.repeats]
    end = silence.ends_at + (moment - silence.starts_at) // period * period
    return end if end > moment else end + period


def is_silenced(alert: Alert, silences: Iterable[Silence]) -> bool:
    """Whether any of the silences matches."""
    names = names_of(alert)
    return any(alert_matchers.matches(silence.matchers, names) for silence in silences)


class SilencesSince:
    """The silences that are in force at the moment or at some moment after it, read once for many alerts."""

    def __init__(self, moment: datetime) -> None:
        self._silences = MatcherIndex((one.matchers, one) for one in Silence.objects.not_over(moment))

    def hide(self, alert: Alert, moment: datetime) -> bool:
        """Whether any that is in force at the moment matches."""
        return any(is_in_force(one, moment) for one in self._silences.about(names_of(alert)))


def hiding(silence: Silence, moment: datetime | None = None) -> AlertQuerySet:
    """The firing alerts that it hides now; none while it is not in force."""
    return matching(silence.matchers) if is_in_force(silence, moment or timezone.now()) else Alert.objects.none()


def hidden_by(listed: Iterable[Silence]) -> dict[int, int]:
    """How many firing alerts each of the silences in force hides now, by its number, from one query."""
    now = timezone.now()
    counts = {
        f"of_{one.pk}": models.Count("pk", filter=as_query(one.matchers)) for one in listed if is_in_force(one, now)
    }
    found = Alert.objects.firing().aggregate(**counts) if counts else {}
    return {int(name.removeprefix("of_")): count for name, count in found.items()}


def matching(matchers: Mapping[str, str]) -> AlertQuerySet:
    """The firing alerts that match: what a silence would hide before it is saved."""
    return Alert.objects.firing().filter(as_query(matchers)).latest_first()


def hidden(moment: datetime) -> AlertQuerySet:
    """The firing alerts that a silence hides at the moment."""
    # Of no silences, the condition is one that nothing meets.
    conditions = (as_query(silence.matchers) for silence in in_force(moment))
    return Alert.objects.firing().filter(reduce(or_, conditions, models.Q(pk__in=())))


def as_query(matchers: Mapping[str, str]) -> models.Q:
    """The condition on alerts' rows that is `matches` in the database."""
    return reduce(and_, (_condition(name, pattern) for name, pattern in matchers.items()), models.Q())


def _condition(name: str, pattern: str) -> models.Q:
    lookup, text = ("regex", _regex(pattern)) if alert_matchers.ANY in pattern else ("exact", pattern)
    column = COLUMNS.get(name, name)
    found = models.Q((f"{column}__{lookup}", text)) & ~models.Q((column, ""))
    # Rows of older releases have no rule.
    return found | models.Q((f"metric__{lookup}", text), rule="") if name == "rule" else found


def _regex(pattern: str) -> str:
    """Finds each part where it comes first, as `matches` does, so that no pattern takes longer than its text is.

    PostgreSQL does so of itself; what others search with would try all places for all parts.
    """
    first, *parts = map(re.escape, pattern.split(alert_matchers.ANY))
    if connections[router.db_for_read(Alert)].vendor == "postgresql":
        return r"(?:.|\n)*".join([first, *parts]).join((r"\A", r"\Z"))
    last = parts.pop()
    between = "".join(rf"(?>[\s\S]*?{part})" for part in parts if part)
    return rf"\A{first}{between}[\s\S]*{last}\Z"
