"""Gives acknowledgements, takes them back and ends them, each by compare-and-set: of several processes one is first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import models, transaction

from monitoring.alerting import live_state
from monitoring.alerting.entries import Deed
from monitoring.core.acknowledging import ELAPSED, Acknowledged, Present, is_worse
from monitoring.models import Alert
from monitoring.models.alert_answer import EXPIRED, WORSE

NONE_GIVEN = {
    "acknowledged_at": None,
    "acknowledged_by": "",
    "acknowledged_until": None,
    "acknowledged_peak": None,
    "acknowledged_severity": "",
}


def give(numbers: Collection[int], deed: Deed, peaks: Mapping[int, float]) -> list[int]:
    """Acknowledges those of these alerts that fire and are not acknowledged; returns their numbers.

    `peaks` are those that are known beyond what is stored. Needs a transaction.
    """
    open_ones = [row for row in Alert.objects.having(numbers).locked() if row.ended_at is None]
    given = [row for row in open_ones if row.acknowledged_at is None]
    for row in given:
        row.acknowledged_at, row.acknowledged_by, row.acknowledged_until = deed.at, deed.by, deed.until
        row.acknowledged_peak, row.acknowledged_severity = peaks.get(row.pk, row.peak), row.severity
    Alert.objects.bulk_update(given, list(NONE_GIVEN))
    return [row.pk for row in given]


def take_back(number: int, given_at: datetime | None = None) -> bool:
    """Ends the acknowledgement of a firing alert, by default whichever there is; False if there is none such."""
    given = models.Q(acknowledged_at__isnull=False) if given_at is None else models.Q(acknowledged_at=given_at)
    return Alert.objects.numbered(number).firing().filter(given).update(**NONE_GIVEN) == 1


def expire(now: datetime) -> int:
    """Ends the acknowledgements whose time is over or whose alert has become worse; returns how many.

    Tells the nodes of it, and leaves the notices to the caller.
    """
    ended = 0
    for alert in list(Alert.objects.firing().acknowledged()):
        kind = _why_it_ends(alert, now)
        if kind is None:
            continue
        with transaction.atomic():
            # Somebody may have answered anew since the row was read.
            if take_back(alert.pk, alert.acknowledged_at):
                Deed(kind, "", now).log([alert.pk])
                live_state.publish_on_commit()
                ended += 1
    return ended


def _why_it_ends(alert: Alert, now: datetime) -> str | None:
    if alert.acknowledged_until is not None and alert.acknowledged_until <= now:
        return EXPIRED
    known_peak = alert.peak if alert.acknowledged_peak is None else alert.acknowledged_peak
    then = Acknowledged(known_peak, alert.acknowledged_severity or alert.severity)
    present = Present(
        value=alert.value,
        threshold=alert.threshold,
        peak=alert.peak,
        severity=alert.severity,
        is_grouped=alert.grouped,
        counts_time=bool(alert.reason) or (alert.metric in ELAPSED and not alert.grouped),
    )
    return WORSE if is_worse(then, present) else None
