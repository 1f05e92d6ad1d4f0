"""Finds which alerts were firing at a moment, from the database and from what waits in the journal."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from monitoring.core import alert_episodes
from monitoring.core.alert_episodes import AlertEpisode, NodeAlert
from monitoring.core.alert_messages import as_message
from monitoring.core.records import AlertRecord
from monitoring.journal.unstored import Unstored
from monitoring.models import Alert

MOST = 200


def firing_at(moment: datetime, waiting: Unstored) -> list[dict[str, Any]]:
    """The alerts as frames carry them, newest first, at most two hundred stored ones.

    Peaks are those of the whole episode, as far as it is known. Read `waiting` before calling this: what is stored in
    between is then in both rather than in neither.
    """
    node_alerts: defaultdict[tuple[str, str], list[NodeAlert]] = defaultdict(list)
    for row in Alert.objects.firing_at(moment).latest_first()[:MOST]:
        node_alerts[row.metric, row.subject] += row.node_alerts
    for batch in waiting.batches:
        for jump in batch.jumps:
            for alert in [alert for found in node_alerts.values() for alert in found]:
                alert.follow(batch.boot, jump.seconds)
        for record in batch.alerts:
            about = node_alerts[record.metric, record.subject]
            alert_episodes.take(about, record, boot=batch.boot, node=batch.node, host=batch.host)
    at = moment.timestamp()
    fired = [
        (key, episode)
        for key, found in node_alerts.items()
        for episode in alert_episodes.episodes(found)
        if episode.first.since <= at < episode.last.end
    ]
    newest_first = sorted(fired, key=lambda one: one[1].first.since, reverse=True)
    return [_message(*key, episode) for key, episode in newest_first]


def _message(metric: str, subject: str, episode: AlertEpisode) -> dict[str, Any]:
    first = episode.first
    record = AlertRecord(
        metric=metric,
        subject=subject,
        state="firing",
        at=first.since,
        severity=first.severity,
        message=first.message,
        value=first.value,
        threshold=first.threshold,
        peak=episode.peak,
    )
    return as_message(record, first.node)
