"""Which alerts fired at a moment: those of the database, and what waits in the journal to be stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from monitoring.core.alerts import as_message
from monitoring.core.records import AlertRecord
from monitoring.models import Alert
from monitoring.unstored import Unstored

MOST = 200


class _Episode(NamedTuple):
    record: AlertRecord
    node: str
    reporters: set[str]
    """The boots for which it fires, as far as is known."""


def firing_at(moment: datetime, waiting: Unstored) -> list[dict[str, Any]]:
    """The alerts as frames carry them, the newest first, at most two hundred stored ones.

    `waiting` is to be read before this is called: what is stored in between is then in both, and not in neither.
    """
    stored = Alert.objects.firing_at(moment).latest_first()[:MOST]
    episodes = {(alert.metric, alert.subject): _stored(alert) for alert in reversed(stored)}
    for batch in waiting.batches:
        for record in batch.alerts:
            if record.at <= moment.timestamp():
                _take(episodes, record, batch.node, batch.boot)
    newest_first = sorted(episodes.values(), key=lambda episode: episode.record.at, reverse=True)
    return [as_message(episode.record, episode.node) for episode in newest_first]


def _stored(alert: Alert) -> _Episode:
    record = AlertRecord(
        metric=alert.metric,
        subject=alert.subject,
        state="firing",
        at=alert.started_at.timestamp(),
        severity=alert.severity,
        message=alert.message,
        value=alert.value,
        threshold=alert.threshold,
        peak=alert.peak,
    )
    return _Episode(record, alert.node, set(alert.reporters))


def _take(episodes: dict[tuple[str, str], _Episode], record: AlertRecord, node: str, boot: str) -> None:
    """One transition that is not stored, or was stored a moment ago."""
    key = record.metric, record.subject
    episode = episodes.get(key)
    if record.state == "firing":
        episodes.setdefault(key, _Episode(record, node, set())).reporters.add(boot)
    elif episode is not None and boot in episode.reporters:
        episode.reporters.remove(boot)
        if not episode.reporters:
            del episodes[key]
