"""Finds which alerts were firing at a moment, from the database and from what waits in the journal."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from monitoring.core import alert_reports
from monitoring.core.alert_messages import as_message
from monitoring.core.alert_reports import Episode, Reported
from monitoring.core.records import AlertRecord
from monitoring.journal.unstored import Unstored
from monitoring.models import Alert

MOST = 200


def firing_at(moment: datetime, waiting: Unstored) -> list[dict[str, Any]]:
    """The alerts as frames carry them, newest first, at most two hundred stored ones.

    Peaks are those of the whole episode, as far as it is known. Read `waiting` before calling this: what is stored in
    between is then in both rather than in neither.
    """
    reports: defaultdict[tuple[str, str], list[Reported]] = defaultdict(list)
    for alert in Alert.objects.firing_at(moment).latest_first()[:MOST]:
        reports[alert.metric, alert.subject] += alert.reported
    for batch in waiting.batches:
        for jump in batch.jumps:
            for report in [report for found in reports.values() for report in found]:
                report.follow(batch.boot, jump.seconds)
        for record in batch.alerts:
            about = reports[record.metric, record.subject]
            alert_reports.take(about, record, boot=batch.boot, node=batch.node, host=batch.host)
    at = moment.timestamp()
    fired = [
        (key, episode)
        for key, found in reports.items()
        for episode in alert_reports.episodes(found)
        if episode.first.since <= at < episode.last.end
    ]
    newest_first = sorted(fired, key=lambda one: one[1].first.since, reverse=True)
    return [_message(*key, episode) for key, episode in newest_first]


def _message(metric: str, subject: str, episode: Episode) -> dict[str, Any]:
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
