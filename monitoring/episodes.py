"""Transitions of alerts to episodes: one row for each, however many nodes of a host report it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from monitoring.columns import fitting, timestamp
from monitoring.core.alerts import PER_CLIENT
from monitoring.core.records import AlertRecord, Batch
from monitoring.models import Alert

SLACK = timedelta(seconds=5)
"""Nodes of one host notice the same within a few ticks of each other."""


def store_alerts(batches: Iterable[Batch]) -> None:
    """Opens and closes episodes as the batches' transitions say, in order."""
    transitions = [(batch, record) for batch in batches for record in batch.alerts]
    if transitions:
        book = _Book(Alert.objects.firing())
        for batch, record in transitions:
            book.take(batch, record)
        book.save()


class _Book:
    """The open episodes, and what becomes of them."""

    def __init__(self, firing: Iterable[Alert]) -> None:
        self._open = {(alert.metric, alert.subject): alert for alert in firing}
        self._new: list[Alert] = []
        self._changed: dict[int, Alert] = {}

    def take(self, batch: Batch, record: AlertRecord) -> None:
        key = fitting(record.metric, 64), fitting(record.subject)
        alert = self._open.get(key)
        if record.state == "firing":
            alert = alert or self._running(batch, record) or self._begun(batch, record)
            self._open[key] = alert
            self._join(alert, batch.boot, record)
        elif alert is not None and batch.boot in alert.reporters:
            self._leave(alert, batch.boot, record)
            if alert.ended_at is not None:
                del self._open[key]

    def save(self) -> None:
        # First what is over, because an episode may have begun of which another was open.
        Alert.objects.bulk_update(
            [alert for alert in self._changed.values() if alert.pk is not None],
            ["started_at", "ended_at", "ended", "peak", "reporters"],
        )
        Alert.objects.bulk_create(self._new)

    def _begun(self, batch: Batch, record: AlertRecord) -> Alert:
        alert = Alert(
            metric=fitting(record.metric, 64),
            subject=fitting(record.subject),
            severity=fitting(record.severity, 16),
            message=fitting(record.message),
            value=record.value,
            threshold=record.threshold,
            peak=record.peak,
            host=fitting(batch.host),
            node=fitting(batch.node),
            boot=batch.boot,
            client_id=fitting(record.subject) if record.metric == PER_CLIENT else "",
            started_at=timestamp(record.at),
        )
        self._new.append(alert)
        return alert

    def _running(self, batch: Batch, record: AlertRecord) -> Alert | None:
        """The episode that another node of the host has already begun, and ended, if that was after this."""
        if record.subject != batch.host:
            return None
        moment = timestamp(record.at)
        touched = [
            alert
            for alert in (*self._new, *self._changed.values())
            if (alert.metric, alert.subject) == (record.metric, record.subject)
            and alert.started_at <= moment + SLACK
            and alert.ended_at is not None
            and alert.ended_at >= moment
        ]
        stored = Alert.objects.about(record.metric, record.subject).running_at(moment, SLACK).first()
        return touched[0] if touched else stored

    def _join(self, alert: Alert, boot: str, record: AlertRecord) -> None:
        if boot not in alert.reporters:
            alert.reporters = [*alert.reporters, boot]
        alert.started_at = min(alert.started_at, timestamp(record.at))
        alert.ended_at = None
        alert.peak = max(alert.peak, record.peak)
        self._changed[id(alert)] = alert

    def _leave(self, alert: Alert, boot: str, record: AlertRecord) -> None:
        alert.reporters = [reporter for reporter in alert.reporters if reporter != boot]
        alert.peak = max(alert.peak, record.peak)
        if not alert.reporters:
            alert.ended_at = max(alert.started_at, timestamp(record.at))
        self._changed[id(alert)] = alert
