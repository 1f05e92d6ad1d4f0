"""Hands alerts to an Alertmanager by its API, version 2; whom it tells, and how often, is for it to decide."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from monitoring.alerting.channel_terms import ALERTMANAGER_REPEAT
from monitoring.alerting.channels import http_call
from monitoring.alerting.channels.answer import Address, Message, SendResult

PATH = "/api/v2/alerts"
FORGOTTEN_AFTER = 3 * ALERTMANAGER_REPEAT
"""After this long without another word from us it takes an alert for over."""

LABELS = {"severity": "severity", "metric": "metric", "scope": "scope", "subject": "subject", "host": "host",
          "node": "instance", "client_id": "client_id"}  # fmt: skip


def send(address: Address, message: Message) -> SendResult:
    now = timezone.now()
    alerts = [_alert(alert, message.content, message.site, now) for alert in message.content["alerts"]]
    if message.kind == "test":
        alerts = [_test(message, now)]
    headers = {"Content-Type": "application/json"}
    if address.secret:
        headers["Authorization"] = f"Bearer {address.secret}"
    return http_call.as_answer(url_of(address.target), json.dumps(alerts).encode(), headers)


def url_of(target: str) -> str:
    return target if target.rstrip("/").endswith(PATH) else target.rstrip("/") + PATH


def _alert(alert: dict[str, Any], content: dict[str, Any], site_name: str, now: datetime) -> dict[str, Any]:
    labels = {"alertname": alert["rule"], "site": site_name} | {
        label: alert[field] for field, label in LABELS.items() if alert[field]
    }
    annotations = {
        "summary": alert["summary"],
        "value": _number(alert["value"] if alert["last"] is None else alert["last"]),
        "peak": _number(alert["peak"]),
        "threshold": _number(alert["threshold"]),
        "unit": alert["unit"],
        "runbook_url": content["runbook"],
        "acknowledged_by": alert["acknowledged_by"],
        "ended": alert["ended"],
    }
    return {
        "labels": labels,
        "annotations": {name: text for name, text in annotations.items() if text},
        "startsAt": alert["since"],
        "endsAt": alert["until"] or _iso(now + FORGOTTEN_AFTER),
        **({"generatorURL": alert["url"]} if alert["url"] else {}),
    }


def _test(message: Message, now: datetime) -> dict[str, Any]:
    """An alert that is over after a minute."""
    return {
        "labels": {"alertname": "avatar_test", "site": message.site, "severity": "info", "channel": message.channel},
        "annotations": {"summary": message.content["title"], "description": message.content["text"]},
        "startsAt": _iso(now),
        "endsAt": _iso(now + timedelta(minutes=1)),
    }


def _number(value: float) -> str:
    return f"{value:g}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
