"""Begins and ends silences, and says what is wrong with one; `silences` reads what they hide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from monitoring.alerting import changes
from monitoring.alerting.entries import LONGEST_ANSWER, Deed
from monitoring.alerting.silences import PERIODS, ends_after, hiding
from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core import alert_matchers
from monitoring.core.counted import counted
from monitoring.core.inputs import echo, plain_text
from monitoring.models import Silence
from monitoring.models.alert_answer import REPEATS, SILENCED

LONGEST_SILENCE = timedelta(days=30)
FARTHEST_START = timedelta(days=366)
LEAST_PAUSE = timedelta(minutes=1)
"""Between two stretches of a silence that repeats: with a shorter one, somebody meant to silence for good."""

MOST_SILENCES = 500
"""How many may be in force or to come: each is compared with each alert."""


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
        by=fitting(by, MAX_USERNAME),
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
    period = PERIODS.get(silence.repeats)
    longest = LONGEST_SILENCE if period is None else period - LEAST_PAUSE
    if start > now + FARTHEST_START:
        raise SilenceError("starts_at", f"starts_at={start.isoformat()}: must be within {FARTHEST_START.days} days")
    if not start < end <= start + longest:
        limit = f"{longest.days} days" if period is None else f"{counted(period.days, 'day')} less a minute"
        allowed = f"after its start, {start.isoformat()}, by at most {limit}"
        raise SilenceError("ends_at", f"ends_at={end.isoformat()}: must be {allowed}")
    if end <= now and not silence.repeats:
        raise SilenceError("ends_at", f"ends_at={end.isoformat()}: must be in the future")


def end(silence: Silence, by: str, *, now: datetime | None = None) -> Silence:
    """Ends it early. Raises SilenceOverError if it is over, or somebody was first."""
    now = now or timezone.now()
    with transaction.atomic():
        # Of several who end it one is first.
        left = Silence.objects.not_over(now).filter(pk=silence.pk, ended_at=None)
        ended = left.update(ended_at=now, ended_by=fitting(by, MAX_USERNAME))
        silence.refresh_from_db()
        if not ended:
            raise SilenceOverError(silence.ended_by, silence.ended_at or silence.ends_at)
        changes.announce(now)
    return silence
