"""A channel that does not work is an alert of its own, which the other channels are told."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction

from monitoring.columns import fitting
from monitoring.core.alert_episodes import NodeAlert
from monitoring.models import Alert, AlertChannel

RULE = "alert_channel_failed"
REPORTER = "alerting"
"""In place of a node: no server reports these alerts."""

SWITCHED_ON, SWITCHED_OFF = "switched on", "switched off"
REMOVED = "channel removed"


def message_of(name: str, reason: str) -> str:
    """What the alert of a channel says, in English like every stored message."""
    return f"Alert channel {name} does not work: {reason}"


@transaction.atomic
def begin(channel: AlertChannel, reason: str, now: datetime) -> bool:
    """The channel's alert fires from now on; False if it does already."""
    if Alert.objects.of_rule(RULE).about_any([channel.name]).firing().exists():
        return False
    message = fitting(message_of(channel.name, reason))
    report = NodeAlert(
        boot=REPORTER, node="", host="", since=now.timestamp(), severity="warning", message=message, value=1.0,
        threshold=0.0, peak=1.0,
    )  # fmt: skip
    Alert.objects.create(
        rule=RULE, metric=RULE, scope="fleet", subject=channel.name, severity="warning", message=message, value=1.0,
        threshold=0.0, peak=1.0, last=1.0, last_at=now, host="", node="", boot=REPORTER, started_at=now,
        reports=[msgspec.to_builtins(report)],
    )  # fmt: skip
    return True


@transaction.atomic
def end(name: str, now: datetime, ended: str = "") -> bool:
    """The alert of the channel with this name is over; False if there is none."""
    alert = Alert.objects.of_rule(RULE).about_any([name]).firing().first()
    if alert is None:
        return False
    reports = alert.node_alerts
    for report in reports:
        report.close(now.timestamp(), ended)
    alert.reports = [msgspec.to_builtins(report) for report in reports]
    alert.ended_at, alert.ended = max(now, alert.started_at), ended
    alert.save(update_fields=["reports", "ended_at", "ended"])
    return True
