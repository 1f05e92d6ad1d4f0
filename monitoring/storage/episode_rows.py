"""The rows that episodes become. Nothing that people did about an alert is lost when rows merge or part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from monitoring.columns import timestamp
from monitoring.core import alert_episodes
from monitoring.core.alert_episodes import AlertEpisode, NodeAlert
from monitoring.core.alert_rules import PER_CLIENT, AlertScope
from monitoring.models import Alert, AlertEntry, NoticeAlert

OF_HOSTS = ("cpu_percent", "memory_percent", "clock_skew_seconds")
"""Metrics whose alerts are about hosts, for records of older releases: these do not say it."""

SHOWN = (
    "rule", "scope", "severity", "message", "value", "threshold", "peak", "last", "last_at", "grouped", "examples",
    "flapping", "reason", "host", "node", "boot", "client_id", "started_at", "ended_at", "ended", "reports",
)  # fmt: skip
"""The columns that follow from what nodes reported."""

ACKNOWLEDGEMENT = (
    "acknowledged_at",
    "acknowledged_by",
    "acknowledged_until",
    "acknowledged_peak",
    "acknowledged_severity",
)


class AlertKey(msgspec.Struct, frozen=True):
    """What the rows of one alert have in common. A rule that was changed to another metric makes other alerts."""

    rule: str
    subject: str
    metric: str

    @classmethod
    def of_row(cls, row: Alert) -> AlertKey:
        return cls(row.rule or row.metric, row.subject, row.metric)


class RowChanges:
    """The rows that episodes become, in memory until they are saved.

    A row stays with the episode whose first node's alert it had, if possible.
    """

    def __init__(self) -> None:
        self.new: list[Alert] = []
        self._over: list[Alert] = []
        self._firing: list[Alert] = []
        self._merged: list[tuple[Alert, Alert]] = []  # the row that goes, and the one that takes its place
        self._parted: list[tuple[Alert, Alert]] = []  # the row that was split, and the new one for its later part

    @property
    def merged(self) -> set[int]:
        """The numbers of rows that go, because they are part of another episode."""
        return {row.pk for row, _ in self._merged}

    def __bool__(self) -> bool:
        return bool(self.new or self._over or self._firing)

    def make(
        self, key: AlertKey, scope: str, found: Sequence[tuple[Alert, NodeAlert]], alerts: Iterable[NodeAlert]
    ) -> None:
        """Makes the rows in which alerts were found, plus new ones, show the episodes that all the alerts make."""
        home_of = {id(alert): row for row, alert in found}
        left = {row.pk: row for row, _ in found}
        row_of: dict[int, Alert] = {}
        for episode in alert_episodes.episodes(alerts):
            homes = [home_of[id(alert)] for alert in episode.alerts if id(alert) in home_of]
            row = next((home for home in homes if home.pk in left), None)
            if row is None:
                row = Alert(metric=key.metric, subject=key.subject, scope=scope)
                self.new.append(row)
                self._parted += [(home, row) for home in homes[:1]]
            else:
                del left[row.pk]
                (self._firing if episode.last.until is None else self._over).append(row)
            row_of |= {id(alert): row for alert in episode.alerts}
            show(row, key, episode)
        gone = {row.pk: (row, row_of[id(alert)]) for row, alert in reversed(found) if row.pk in left}
        self._merged += gone.values()

    def save(self) -> None:
        """Ended episodes are saved first, because only one per rule and subject may be firing at a time."""
        for row, survivor in self._merged:
            _hand_over(row, survivor)
        for row, part in self._parted:
            if row.acknowledged_at is not None and row.acknowledged_at >= part.started_at:
                _copy_acknowledgement(row, part)
        Alert.objects.filter(pk__in=[row.pk for row, _ in self._merged]).delete()
        columns = (*SHOWN, *ACKNOWLEDGEMENT) if self._merged else SHOWN
        Alert.objects.bulk_update(self._over, columns)
        Alert.objects.bulk_update(self._firing, columns)
        Alert.objects.bulk_create(self.new)
        for row, part in self._parted:
            _hand_over(row, part, since_it_began=True)


def show(row: Alert, key: AlertKey, episode: AlertEpisode) -> None:
    """Fills the columns that follow from what nodes reported."""
    first, last, latest = episode.first, episode.last, episode.latest
    for name in ("message", "value", "threshold", "host", "node", "boot", "grouped"):
        setattr(row, name, getattr(first, name))
    row.rule = key.rule
    row.scope = row.scope or scope_of(key.metric)
    row.severity, row.peak = episode.severity, episode.peak
    row.last = latest.last
    row.last_at = None if latest.last_at is None else timestamp(latest.last_at)
    row.examples, row.reason = latest.examples, latest.reason
    row.flapping = any(alert.flapping for alert in episode.alerts)
    row.client_id = row.subject if row.scope == AlertScope.CLIENT and not row.grouped else ""
    row.started_at = timestamp(first.since)
    row.ended_at = None if last.until is None else timestamp(last.until)
    row.ended = last.ended
    row.reports = msgspec.to_builtins(episode.alerts)


def scope_of(metric: str) -> str:
    """What alerts of a metric are about, if their records do not say it."""
    if metric == PER_CLIENT:
        return AlertScope.CLIENT.value
    return (AlertScope.HOST if metric in OF_HOSTS else AlertScope.NODE).value


def _hand_over(row: Alert, survivor: Alert, *, since_it_began: bool = False) -> None:
    """Gives what people did and were told about one row to another, by default all of it."""
    entries = AlertEntry.objects.filter(alert_id=row.pk)
    mentions = NoticeAlert.objects.filter(alert_id=row.pk)
    if since_it_began:
        entries.filter(at__gte=survivor.started_at).update(alert_id=survivor.pk)
        mentions.filter(notice__created_at__gte=survivor.started_at).update(alert_id=survivor.pk)
        return
    entries.update(alert_id=survivor.pk)
    # A notice that mentions both mentions the survivor already.
    both = NoticeAlert.objects.filter(alert_id=survivor.pk).values("notice_id")
    mentions.exclude(notice_id__in=both).update(alert_id=survivor.pk)
    if row.acknowledged_at is not None:
        earlier = survivor.acknowledged_at
        if earlier is None or row.acknowledged_at > earlier:
            _copy_acknowledgement(row, survivor)


def _copy_acknowledgement(row: Alert, other: Alert) -> None:
    for name in ACKNOWLEDGEMENT:
        setattr(other, name, getattr(row, name))
