"""What people do about alerts: they acknowledge, comment and resolve them, one or all that a query finds.

Each answer is a compare-and-set on the rows as they are then: of several people who answer at once one is first, and an
alert that has just been resolved stays resolved. The caller checks the permission `avatar_monitoring.answer_alert`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from django.db import router, transaction
from django.utils import timezone

from monitoring.alerting import acknowledgements, changes
from monitoring.alerting.acknowledgements import expire as expire
from monitoring.alerting.connected import connected
from monitoring.alerting.entries import Deed
from monitoring.core.records import BY_HAND
from monitoring.models import Alert
from monitoring.models.alert import AlertQuerySet
from monitoring.models.alert_answer import ACKNOWLEDGED, COMMENTED, RESOLVED, UNACKNOWLEDGED

ROWS_AT_A_TIME = 500


class AnswerRefusedError(Exception):
    """One alert cannot be answered so in the state that it is in."""


class AlreadyAcknowledgedError(AnswerRefusedError):
    """Somebody was first: `by` at `at`."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{by} acknowledged it at {at:%Y-%m-%d %H:%M:%S} UTC")
        self.by, self.at = by, at


class AlreadyResolvedError(AnswerRefusedError):
    """It is over since `at`, and stays so; `by` resolved it, or is empty if it ended by itself."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{f'{by} resolved it' if by else 'It ended'} at {at:%Y-%m-%d %H:%M:%S} UTC")
        self.by, self.at = by, at


class NotAcknowledgedError(AnswerRefusedError):
    """There is no acknowledgement to take back."""


class AnswerKind(StrEnum):
    """What may be done about alerts, as a program names it."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    COMMENT = "comment"
    RESOLVE = "resolve"


@dataclass(slots=True)
class AnswerCounts:
    """How many alerts were answered, how many had been before, and how many are over."""

    done: int = 0
    already: int = 0
    resolved: int = 0


def acknowledge(
    alerts: AlertQuerySet, by: str, *, until: datetime | None = None, text: str = "", now: datetime | None = None
) -> AnswerCounts:
    """Says that somebody takes care of those that fire, until a moment or until they are over.

    Raises ValueError for a moment that is not in the future, or a text that cannot be stored.
    """
    now = now or timezone.now()
    if until is not None and until <= now:
        raise ValueError(f"until={until.isoformat()}: must be in the future")
    deed = Deed(ACKNOWLEDGED, by, now, text, until)
    expire(now)

    def change(numbers: Sequence[int], peaks: dict[int, float]) -> list[int]:
        return acknowledgements.give(numbers, deed, peaks)

    return _answer(alerts, deed, change, _known_peaks)


def unacknowledge(alerts: AlertQuerySet, by: str, *, text: str = "", now: datetime | None = None) -> AnswerCounts:
    """Takes acknowledgements back, whoever gave them."""

    def change(numbers: Sequence[int], _: object) -> list[int]:
        return [number for number in numbers if acknowledgements.take_back(number)]

    return _answer(alerts, Deed(UNACKNOWLEDGED, by, now or timezone.now(), text), change)


def comment(alerts: AlertQuerySet, by: str, text: str, *, now: datetime | None = None) -> AnswerCounts:
    """Adds a line to the log of each, also of those that are over. Raises ValueError without a text."""
    deed = Deed(COMMENTED, by, now or timezone.now(), text)
    if not deed.text:
        raise ValueError("text is missing: a comment says something")
    given = AnswerCounts()
    for numbers in _chunks(alerts):
        deed.log(numbers)
        given.done += len(numbers)
    return given


def resolve(alerts: AlertQuerySet, by: str, *, text: str = "", now: datetime | None = None) -> AnswerCounts:
    """Ends those that fire. What nodes still report about them is ignored; what fires later is a new alert."""
    deed = Deed(RESOLVED, by, now or timezone.now(), text)

    def change(numbers: Sequence[int], _: object) -> list[int]:
        # Storing writes the same columns, and locks the rows too.
        rows = [row for row in Alert.objects.having(numbers).locked() if row.ended_at is None]
        for row in rows:
            _close(row, deed.at)
        Alert.objects.bulk_update(rows, ["ended_at", "ended", "reports"])
        return [row.pk for row in rows]

    return _answer(alerts, deed, change)


def answer_one(answer: Callable[..., AnswerCounts], number: int, by: str, **how: Any) -> Alert:
    """Gives one of these answers to the alert with this number, and returns its row as it is afterwards.

    Raises Alert.DoesNotExist, AlreadyResolvedError, AlreadyAcknowledgedError or NotAcknowledgedError.
    """
    given = answer(Alert.objects.numbered(number), by, **how)
    alert = Alert.objects.get(pk=number)
    if given.done:
        return alert
    if alert.ended_at is not None:
        resolved = alert.entries.filter(kind=RESOLVED).last()
        raise AlreadyResolvedError(resolved.by if resolved else "", alert.ended_at)
    if alert.acknowledged_at is not None:
        raise AlreadyAcknowledgedError(alert.acknowledged_by, alert.acknowledged_at)
    raise NotAcknowledgedError("Nobody has acknowledged it")


ANSWERS: dict[str, Callable[..., AnswerCounts]] = {
    AnswerKind.ACKNOWLEDGE: acknowledge,
    AnswerKind.UNACKNOWLEDGE: unacknowledge,
    AnswerKind.COMMENT: comment,
    AnswerKind.RESOLVE: resolve,
}
"""The functions by their names."""


def _close(row: Alert, now: datetime) -> None:
    alerts = row.node_alerts
    for alert in alerts:
        if alert.until is None:
            alert.close(now.timestamp(), BY_HAND)
    row.reports = msgspec.to_builtins(alerts)
    row.ended_at, row.ended = max(now, row.started_at), BY_HAND


def _begin_writing() -> None:
    """Where there are no locks for rows, a transaction's first write keeps other writers out: it changes nothing."""
    if not transaction.get_connection(router.db_for_write(Alert)).features.has_select_for_update:
        Alert.objects.numbered(0).update(ended="")


def _known_peaks(numbers: Sequence[int]) -> dict[int, float]:
    """The peaks as people see them, with what still waits in the journal."""
    alerts = list(Alert.objects.having(numbers).firing())
    connected.refresh(alerts)
    return {alert.pk: alert.peak for alert in alerts}


def _answer(
    alerts: AlertQuerySet,
    deed: Deed,
    change: Callable[[Sequence[int], dict[int, float]], list[int]],
    look: Callable[[Sequence[int]], dict[int, float]] = lambda _: {},
) -> AnswerCounts:
    """Changes those that fire, some at a time, and logs it. What is over by then is only counted.

    `look` reads what `change` needs before its transaction begins.
    """
    given = AnswerCounts(resolved=alerts.resolved().count())
    to_announce = False
    for numbers in _chunks(alerts.firing()):
        seen = look(numbers)
        with transaction.atomic():
            _begin_writing()
            done = change(numbers, seen)
            deed.log(done)
            to_announce |= bool(done)
            if to_announce and len(numbers) < ROWS_AT_A_TIME:
                changes.announce(deed.at)
                to_announce = False
        left = set(numbers).difference(done)
        over = Alert.objects.having(left).resolved().count() if left else 0
        given.done += len(done)
        given.resolved += over
        given.already += len(left) - over
    if to_announce:
        with transaction.atomic():
            changes.announce(deed.at)
    return given


def _chunks(alerts: AlertQuerySet) -> Iterator[list[int]]:
    """The numbers of those that match. Answers change what matches, and others may begin meanwhile."""
    numbers = alerts.order_by("pk").values_list("pk", flat=True)
    last = numbers.last()
    at = 0
    while last is not None and (some := list(numbers.filter(pk__gt=at, pk__lte=last)[:ROWS_AT_A_TIME])):
        yield some
        at = some[-1]
