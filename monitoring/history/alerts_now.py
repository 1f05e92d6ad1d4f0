"""Alerts as they are now: the stored episodes, with what nodes have reported since and is not stored yet."""

from __future__ import annotations

from collections.abc import Collection

from monitoring.columns import timestamp
from monitoring.journal.unstored import Unstored, unstored
from monitoring.models import Alert
from monitoring.storage import episodes
from monitoring.storage.episode_rows import SHOWN, RowChanges


def refresh(alerts: Collection[Alert], waiting: Unstored | None = None) -> None:
    """Brings rows that fire up to date, in memory: last value, peak and duration, or that they are over.

    Nodes report these every five seconds. Without Redis a row says what is stored, and as of when (`last_at`).
    """
    firing = {alert.pk: alert for alert in alerts if alert.ended_at is None and alert.pk is not None}
    if not firing:
        return
    waiting = unstored() if waiting is None else waiting
    for row in _up_to_date(waiting, set(firing)):
        if row.pk in firing:
            _copy(row, firing[row.pk])


def firing_now(waiting: Unstored | None = None) -> list[Alert]:
    """All alerts that fire, the latest first; those that are not stored yet have no number."""
    waiting = unstored() if waiting is None else waiting
    found = [row for row in _up_to_date(waiting, None) if row.ended_at is None]
    return sorted(found, key=lambda row: (row.started_at, row.pk or 0), reverse=True)


def _up_to_date(waiting: Unstored, numbers: Collection[int] | None) -> list[Alert]:
    """These rows, or all that fire, as they would be stored, with all others that the waiting records touch.

    They are read after what waits: what is stored in between is then in both rather than in neither.
    """
    rows = list(_read(waiting, numbers))
    stored = episodes.by_alert(rows)
    told = episodes.by_key(waiting.batches, stored)
    changes = RowChanges()
    for key, said in told.items():
        if said and (numbers is None or key in stored):
            episodes.rebuild(changes, key, stored.get(key, []), said)
    for row in rows:
        _say_until_when(row, waiting)
    return [*(row for row in rows if row.pk not in changes.merged), *changes.new]


def _read(waiting: Unstored, numbers: Collection[int] | None) -> Collection[Alert]:
    chosen = Alert.objects.firing() if numbers is None else Alert.objects.having(numbers)
    records = [record for batch in waiting.batches for record in batch.alerts]
    if not records:
        return chosen
    earliest = timestamp(min(episodes.earliest_of(record) for record in records))
    subjects = {episodes.key_of(record).subject for record in records}
    return chosen | Alert.objects.about_any(subjects).not_over_before(earliest)


def _say_until_when(row: Alert, waiting: Unstored) -> None:
    """A row is known to fire for as long as its nodes are heard, also while nothing is stored."""
    firing = {alert.boot for alert in row.node_alerts if alert.until is None}
    heard = [at for boot, at in waiting.heard.items() if boot in firing]
    stored_until = getattr(row, "stored_until", None)
    if heard and stored_until is not None:
        row.stored_until = max(stored_until, timestamp(max(heard)))  # type: ignore[attr-defined]


def _copy(row: Alert, other: Alert) -> None:
    for name in (*SHOWN, "stored_until"):
        setattr(other, name, getattr(row, name))
