"""Alerts that fire, as storage leaves them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from django.utils import timezone

from monitoring.core.alert_episodes import NodeAlert
from monitoring.models import Alert


def firing(subject: str = "web", **fields: Any) -> Alert:
    """A CPU alert of a host since ten minutes ago, unless the fields say otherwise, with the report of one node."""
    known = {
        "rule": fields.get("metric", "cpu_percent"),
        "metric": "cpu_percent",
        "scope": "host",
        "severity": "warning",
        "message": "High CPU usage: 90.0%",
        "value": 90.0,
        "threshold": 80.0,
        "peak": 90.0,
        "host": "web",
        "node": "web:1",
        "boot": "b1",
        "started_at": timezone.now() - timedelta(minutes=10),
    }
    alert = Alert(subject=subject, **known | fields)
    if not alert.reports:
        alert.reports = msgspec.to_builtins(alert.node_alerts)
    alert.save()
    return alert


def client_alerts(number: int, **fields: Any) -> list[Alert]:
    """As many stale clients, one alert each."""
    known = {"metric": "stale_client_seconds", "severity": "info", "threshold": 60.0, "value": 61.0, "peak": 61.0}
    return Alert.objects.bulk_create(
        Alert(
            rule="stale_client_seconds",
            subject=f"avatar-{index}",
            client_id=f"avatar-{index}",
            host="web",
            node="web:1",
            boot="b1",
            message="Stale client",
            started_at=timezone.now(),
            **known | fields,
        )
        for index in range(number)
    )


def report(alert: Alert, number: int = 0) -> NodeAlert:
    return alert.node_alerts[number]
