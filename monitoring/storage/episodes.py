"""Turns nodes' alerts into episodes: one row for each, however many nodes of a host have the alert.

What is stored depends only on what the nodes measured, and on what people ended by hand: whenever a node's alert
arrives or changes, the episodes it touches are rebuilt from all their nodes' alerts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from monitoring.columns import fitting, timestamp
from monitoring.core import alert_episodes
from monitoring.core.alert_episodes import NodeAlert
from monitoring.core.records import AlertRecord, Batch, ClockJump
from monitoring.models import Alert
from monitoring.models.alert import AlertQuerySet
from monitoring.storage.episode_rows import AlertKey, RowChanges, scope_of

SUBJECTS_AT_A_TIME = 500
Told = tuple[Batch, AlertRecord | ClockJump]
"""A batch, and one thing that it says."""

Found = list[tuple[Alert, NodeAlert]]
"""Each node's alert, and the row that it is in."""


def store_alerts(batches: Iterable[Batch]) -> bool:
    """Updates the episodes from the batches, each node's in order; returns whether that changed any."""
    together: list[Batch] = []
    is_changed = False
    for batch in batches:
        for jump in batch.jumps:
            is_changed |= _store(together)
            together = []
            is_changed |= _follow(batch.boot, jump.seconds)
        together.append(batch)
    return _store(together) or is_changed


def _store(batches: Iterable[Batch]) -> bool:
    told: defaultdict[AlertKey, list[tuple[Batch, AlertRecord]]] = defaultdict(list)
    for batch in batches:
        for record in batch.alerts:
            told[key_of(record)].append((batch, record))
    keys = list(told)
    is_changed = False
    for first in range(0, len(keys), SUBJECTS_AT_A_TIME):
        some = keys[first : first + SUBJECTS_AT_A_TIME]
        earliest = min(earliest_of(record) for key in some for _, record in told[key])
        rows = Alert.objects.about_any({key.subject for key in some}).not_over_before(timestamp(earliest)).locked()
        stored = by_alert(rows)
        changes = RowChanges()
        for key in some:
            rebuild(changes, key, stored.get(key, []), told[key])
        changes.save()
        is_changed |= bool(changes)
    return is_changed


def rebuild(changes: RowChanges, key: AlertKey, rows: Iterable[Alert], told: Sequence[Told]) -> None:
    """Makes the rows of one alert show what these batches say of it, too."""
    found = node_alerts(rows)
    alerts = [alert for _, alert in found]
    if hear(alerts, told):
        scopes = (said.scope for _, said in told if isinstance(said, AlertRecord) and said.scope)
        changes.make(key, fitting(next(scopes, scope_of(key.metric)), 16), found, alerts)


def hear(alerts: list[NodeAlert], told: Iterable[Told]) -> bool:
    """Updates the node alerts of one key from what was said of them, in order; whether that changed any."""
    is_changed = False
    for batch, said in told:
        if isinstance(said, AlertRecord):
            is_changed |= take(alerts, batch, said)
        else:
            followed = [alert.follow(batch.boot, said.seconds) for alert in alerts]
            is_changed |= any(followed)
    return is_changed


def by_key(batches: Iterable[Batch], known: Iterable[AlertKey] = ()) -> dict[AlertKey, list[Told]]:
    """What the batches say of each alert, in order; clocks that were set concern all alerts that are `known`, too."""
    batches = list(batches)
    told: dict[AlertKey, list[Told]] = {key: [] for key in known}
    told |= {key_of(record): [] for batch in batches for record in batch.alerts}
    for batch in batches:
        for jump in batch.jumps:
            for said in told.values():
                said.append((batch, jump))
        for record in batch.alerts:
            told[key_of(record)].append((batch, record))
    return told


def _follow(boot: str, seconds: float) -> bool:
    """After a boot's clock was set by this much, its firing alerts begin when they did by that clock."""
    firing = node_alerts(Alert.objects.firing())
    own = [(row, alert) for row, alert in firing if alert.boot == boot and alert.until is None]
    if not own:
        return False
    earliest = timestamp(min(alert.since + min(0.0, seconds) for _, alert in own))
    touched = Alert.objects.about_any({row.subject for row, _ in own}).not_over_before(earliest)
    return change_node_alerts(touched, lambda alert: alert.follow(boot, seconds))


def change_node_alerts(rows: AlertQuerySet, change: Callable[[NodeAlert], bool]) -> bool:
    """Changes single nodes' alerts of these episodes, those for which `change` returns True, and rebuilds the episodes.

    Every row that a changed alert touches must be among these. Returns whether any was changed.
    """
    changes = RowChanges()
    for key, about in by_alert(rows.locked()).items():
        found = node_alerts(about)
        if [True for _, alert in found if change(alert)]:
            changes.make(key, about[0].scope, found, [alert for _, alert in found])
    changes.save()
    return bool(changes)


def take(alerts: list[NodeAlert], batch: Batch, record: AlertRecord) -> bool:
    """Updates the node alerts of one key from a record, with texts cut to their columns; whether that changed any."""
    fit = msgspec.structs.replace(
        record,
        severity=fitting(record.severity, 16),
        message=fitting(record.message),
        ended=fitting(record.ended, 32),
        reason=fitting(record.reason, 16),
        examples=[fitting(example) for example in record.examples],
    )
    return alert_episodes.take(alerts, fit, boot=batch.boot, node=fitting(batch.node), host=fitting(batch.host))


def key_of(record: AlertRecord) -> AlertKey:
    rule, subject = record.key
    return AlertKey(fitting(rule, 64), fitting(subject), fitting(record.metric, 64))


def earliest_of(record: AlertRecord) -> float:
    return record.at if record.since is None else min(record.at, record.since)


def by_alert(rows: Iterable[Alert]) -> dict[AlertKey, list[Alert]]:
    found: defaultdict[AlertKey, list[Alert]] = defaultdict(list)
    for row in rows:
        found[AlertKey.of_row(row)].append(row)
    return found


def node_alerts(rows: Iterable[Alert]) -> Found:
    return [(row, alert) for row in rows for alert in row.node_alerts]
