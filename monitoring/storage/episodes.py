"""Turns nodes' alerts into episodes: one row for each, however many nodes of a host have the alert.

What is stored depends only on what the nodes measured: whenever a node's alert arrives or changes, the episodes it
touches are rebuilt from all their nodes' alerts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
from django.db import models

from monitoring.columns import fitting, timestamp
from monitoring.core import alert_episodes
from monitoring.core.alert_episodes import AlertEpisode, NodeAlert
from monitoring.core.alert_rules import PER_CLIENT
from monitoring.core.records import AlertRecord, Batch
from monitoring.models import Alert

Key = tuple[str, str]
"""Metric and subject."""

SUBJECTS_AT_A_TIME = 500
COLUMNS = (
    "severity", "message", "value", "threshold", "peak", "host", "node", "boot", "started_at", "ended_at", "ended",
    "reports",
)  # fmt: skip


def store_alerts(batches: Iterable[Batch]) -> None:
    """Updates the episodes from the batches, each node's in order."""
    together: list[Batch] = []
    for batch in batches:
        for jump in batch.jumps:
            _store(together)
            together = []
            _follow(batch.boot, jump.seconds)
        together.append(batch)
    _store(together)


def _store(batches: Iterable[Batch]) -> None:
    records = [(batch, record) for batch in batches for record in batch.alerts]
    by_key: defaultdict[Key, list[tuple[Batch, AlertRecord]]] = defaultdict(list)
    for batch, record in records:
        by_key[fitting(record.metric, 64), fitting(record.subject)].append((batch, record))
    keys = list(by_key)
    for first in range(0, len(keys), SUBJECTS_AT_A_TIME):
        some = keys[first : first + SUBJECTS_AT_A_TIME]
        earliest = timestamp(min(_earliest(record) for key in some for _, record in by_key[key]))
        rows = Alert.objects.about_any({subject for _, subject in some}).not_over_before(earliest)
        stored = _by_key(rows)
        changes = _Changes()
        for key in some:
            found = _node_alerts(stored.get(key, []))
            alerts = [alert for _, alert in found]
            if [True for batch, record in by_key[key] if _take(alerts, batch, record)]:
                changes.make(key, found, alerts)
        changes.save()


def _follow(boot: str, seconds: float) -> None:
    """After a boot's clock was set by this much, its firing alerts begin when they did by that clock."""
    firing = _node_alerts(Alert.objects.firing())
    own = [(row, alert) for row, alert in firing if alert.boot == boot and alert.until is None]
    if own:
        earliest = timestamp(min(alert.since + min(0.0, seconds) for _, alert in own))
        touched = Alert.objects.about_any({row.subject for row, _ in own}).not_over_before(earliest)
        change_node_alerts(touched, lambda alert: alert.follow(boot, seconds))


def change_node_alerts(rows: Iterable[Alert], change: Callable[[NodeAlert], bool]) -> None:
    """Changes single nodes' alerts of these episodes, those for which `change` returns True, and rebuilds the episodes.

    Every row that a changed alert touches must be among these.
    """
    changes = _Changes()
    for key, about in _by_key(rows).items():
        found = _node_alerts(about)
        if [True for _, alert in found if change(alert)]:
            changes.make(key, found, [alert for _, alert in found])
    changes.save()


def _take(alerts: list[NodeAlert], batch: Batch, record: AlertRecord) -> bool:
    fit = msgspec.structs.replace(
        record,
        severity=fitting(record.severity, 16),
        message=fitting(record.message),
        ended=fitting(record.ended, 32),
    )
    return alert_episodes.take(alerts, fit, boot=batch.boot, node=fitting(batch.node), host=fitting(batch.host))


def _earliest(record: AlertRecord) -> float:
    return record.at if record.since is None else min(record.at, record.since)


def _by_key(rows: Iterable[Alert]) -> dict[Key, list[Alert]]:
    found: defaultdict[Key, list[Alert]] = defaultdict(list)
    for row in rows:
        found[row.metric, row.subject].append(row)
    return found


def _node_alerts(rows: Iterable[Alert]) -> list[tuple[Alert, NodeAlert]]:
    """Each node's alert, and the row that it is in."""
    return [(row, alert) for row in rows for alert in row.node_alerts]


class _Changes:
    """The rows that episodes become. A row stays with the episode whose first node's alert it had, if
    possible."""

    def __init__(self) -> None:
        self._new: list[Alert] = []
        self._over: list[Alert] = []
        self._firing: list[Alert] = []
        self._merged: list[int] = []

    def make(self, key: Key, found: Sequence[tuple[Alert, NodeAlert]], alerts: Iterable[NodeAlert]) -> None:
        """Makes the rows in which alerts were found, plus new ones, show the episodes that all the alerts make."""
        row_of = {id(alert): row for row, alert in found}
        left = {row.pk: row for row, _ in found}
        for episode in alert_episodes.episodes(alerts):
            homes = (row_of.get(id(alert)) for alert in episode.alerts)
            row = next((home for home in homes if home is not None and home.pk in left), None)
            if row is None:
                row = Alert(metric=key[0], subject=key[1])
                self._new.append(row)
            else:
                del left[row.pk]
                (self._firing if episode.last.until is None else self._over).append(row)
            _show(row, episode)
        self._merged += left

    def save(self) -> None:
        """Ended episodes are saved first, because only one per metric and subject may be firing at a time."""
        _of_rows(self._merged).delete()
        Alert.objects.bulk_update(self._over, COLUMNS)
        Alert.objects.bulk_update(self._firing, COLUMNS)
        Alert.objects.bulk_create(self._new)


def _of_rows(numbers: Sequence[int]) -> models.QuerySet[Alert]:
    return Alert.objects.filter(pk__in=numbers)


def _show(row: Alert, episode: AlertEpisode) -> None:
    first, last = episode.first, episode.last
    for name in ("severity", "message", "value", "threshold", "host", "node", "boot"):
        setattr(row, name, getattr(first, name))
    row.peak = episode.peak
    row.client_id = row.subject if row.metric == PER_CLIENT else ""
    row.started_at = timestamp(first.since)
    row.ended_at = None if last.until is None else timestamp(last.until)
    row.ended = last.ended
    row.reports = msgspec.to_builtins(episode.alerts)
