"""Silences: while one is in force, nobody is told about the alerts that match it; they stay visible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Final

from django.db import connections, models, router, transaction
from django.utils import timezone

from monitoring.alerting import changes
from monitoring.alerting.entries import LONGEST_ANSWER, LONGEST_NAME, Deed
from monitoring.columns import fitting
from monitoring.core import alert_matchers
from monitoring.core.inputs import echo, plain_text
from monitoring.models import Alert, Silence
from monitoring.models.alert import AlertQuerySet
from monitoring.models.alert_answer import REPEATS, SILENCED

LONGEST_SILENCE = timedelta(days=30)
FARTHEST_START = timedelta(days=366)
MOST_SILENCES = 500
"""How many may be in force or to come: each is compared with each alert."""

PERIODS: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
COLUMNS = {"client": "client_id"}
"""The columns of alerts whose names are not those of matchers."""


class SilenceError(ValueError):
    """A silence that cannot be: `field` is the one that is wrong, the text says why and what is allowed."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class SilenceOverError(Exception):
    """It has ended at `at`, by time if `by` is empty."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{f'{by} ended it' if by else 'It ended'} at {at:%Y-%m-%d %H:%M:%S} UTC")
        self.by, self.at = by, at


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
    return any(matches(silence.matchers, alert) for silence in silences)


def hiding(silence: Silence, moment: datetime | None = None) -> AlertQuerySet:
    """The firing alerts that it hides now; none while it is not in force."""
    return matching(silence.matchers) if is_in_force(silence, moment or timezone.now()) else Alert.objects.none()


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


def create(
    *,
    matchers: Mapping[str, str],
    reason: str,
    by: str,
    ends_at: datetime | None,
    starts_at: datetime | None = None,
    repeats: str = "",
    now: datetime | None = None,
) -> Silence:
    """Saves a silence from now, or a maintenance window that starts later or repeats each 24 hours or 7 days.

    With `repeats`, `starts_at` and `ends_at` are those of its first stretch. Raises SilenceError.
    """
    now = now or timezone.now()
    silence = Silence(
        matchers=matchers,
        reason=reason.strip(),
        by=fitting(by, LONGEST_NAME),
        created_at=now,
        starts_at=starts_at or now,
        # Without one it is refused.
        ends_at=ends_at or now,
        repeats=repeats,
    )
    if ends_at is None:
        raise SilenceError("ends_at", "ends_at is missing: a silence has an end")
    check(silence, now)
    with transaction.atomic():
        silence.save()
        numbers = list(hiding(silence, now).values_list("pk", flat=True))
        Deed(SILENCED, silence.by, now, silence.reason, ends_after(silence, now)).log(numbers)
        changes.announce(now)
    return silence


def check(silence: Silence, now: datetime) -> None:
    """Raises SilenceError for the first thing that is wrong with a new one."""
    for problem in alert_matchers.problems_of_matchers(silence.matchers):
        raise SilenceError("matchers", problem)
    try:
        plain_text(silence.reason, LONGEST_ANSWER, shortest=1)
    except ValueError as error:
        raise SilenceError("reason", f"reason={echo(silence.reason)}: must be {error}") from None
    if silence.repeats not in dict(REPEATS):
        raise SilenceError("repeats", f"repeats={echo(silence.repeats)}: must be empty, daily or weekly")
    _check_times(silence, now)
    if Silence.objects.not_over(now).count() >= MOST_SILENCES:
        raise SilenceError("matchers", f"there are {MOST_SILENCES} silences already: end those that nobody needs")


def _check_times(silence: Silence, now: datetime) -> None:
    start, end = silence.starts_at, silence.ends_at
    longest = PERIODS.get(silence.repeats, LONGEST_SILENCE)
    if start > now + FARTHEST_START:
        raise SilenceError("starts_at", f"starts_at={start.isoformat()}: must be within {FARTHEST_START.days} days")
    if not start < end <= start + longest or end - start == PERIODS.get(silence.repeats):
        limit = f"less than {longest.days} days" if silence.repeats else f"at most {longest.days} days"
        allowed = f"after its start, {start.isoformat()}, by {limit}"
        raise SilenceError("ends_at", f"ends_at={end.isoformat()}: must be {allowed}")
    if end <= now and not silence.repeats:
        raise SilenceError("ends_at", f"ends_at={end.isoformat()}: must be in the future")


def end(silence: Silence, by: str, *, now: datetime | None = None) -> Silence:
    """Ends it early. Raises SilenceOverError if it is over, or somebody was first."""
    now = now or timezone.now()
    with transaction.atomic():
        # Of several who end it one is first.
        left = Silence.objects.not_over(now).filter(pk=silence.pk, ended_at=None)
        ended = left.update(ended_at=now, ended_by=fitting(by, LONGEST_NAME))
        silence.refresh_from_db()
        if not ended:
            raise SilenceOverError(silence.ended_by, silence.ended_at or silence.ends_at)
        changes.announce(now)
    return silence
