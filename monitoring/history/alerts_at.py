"""Finds which alerts were firing at a moment, from the database and from what waits in the journal."""

from __future__ import annotations

from datetime import datetime
from heapq import nlargest
from typing import Any, NamedTuple

from monitoring.core import alert_episodes
from monitoring.core.alert_episodes import RANKS, AlertEpisode
from monitoring.core.alert_messages import as_message
from monitoring.core.alert_rules import AlertScope
from monitoring.core.records import AlertRecord
from monitoring.journal.unstored import Unstored
from monitoring.models import Alert
from monitoring.storage import episodes
from monitoring.storage.episode_rows import AlertKey, scope_of

MOST = 100
"""As many as a frame has at most."""


class AlertsAt(NamedTuple):
    """The most important alerts as frames carry them, newest first, and how many fired in total."""

    alerts: list[dict[str, Any]]
    total: int


class Fired(NamedTuple):
    """An episode that lasted at the moment."""

    key: AlertKey
    scope: str
    episode: AlertEpisode

    @property
    def importance(self) -> tuple[int, bool, float]:
        is_about_one_client = self.scope == AlertScope.CLIENT and not self.episode.first.grouped
        return RANKS.get(self.episode.severity, 0), not is_about_one_client, self.episode.first.since


def firing_at(moment: datetime, waiting: Unstored) -> AlertsAt:
    """The alerts that fired at the moment.

    Peaks are those of the whole episode, as far as it is known; of an alert about many clients, the value is how many
    there were at the moment. Read `waiting` before calling this: what is stored in between is then in both rather than
    in neither.
    """
    stored = episodes.by_alert(Alert.objects.firing_at(moment))
    scopes = {key: rows[0].scope for key, rows in stored.items() if rows[0].scope}
    at = moment.timestamp()
    fired = []
    for key, said in episodes.by_key(waiting.batches, stored).items():
        alerts = [alert for row in stored.get(key, []) for alert in row.node_alerts]
        episodes.hear(alerts, said)
        said_scopes = [record.scope for _, record in said if isinstance(record, AlertRecord) and record.scope]
        scope = next(iter(said_scopes), scopes.get(key) or scope_of(key.metric))
        found = alert_episodes.episodes(alerts)
        fired += [Fired(key, scope, episode) for episode in found if episode.first.since <= at < episode.last.end]
    shown = nlargest(MOST, fired, lambda one: one.importance)
    newest_first = sorted(shown, key=lambda one: one.episode.first.since, reverse=True)
    return AlertsAt([_message(one, at) for one in newest_first], len(fired))


def _message(fired: Fired, at: float) -> dict[str, Any]:
    episode, first = fired.episode, fired.episode.first
    count = first.count_at(at) if first.grouped else None
    record = AlertRecord(
        metric=fired.key.metric,
        subject=fired.key.subject,
        state="firing",
        at=first.since,
        severity=episode.severity,
        message=first.message,
        value=first.value,
        threshold=first.threshold,
        peak=episode.peak,
        since=first.since,
        rule=fired.key.rule,
        scope=fired.scope,
        last=count,
        grouped=first.grouped,
        examples=first.examples,
        flapping=any(alert.flapping for alert in episode.alerts),
        reason=first.reason,
    )
    return as_message(record, first.node, at)
