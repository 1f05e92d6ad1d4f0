"""A notice as senders get it."""

from datetime import UTC, datetime

from monitoring.alerting.channels.answer import Message

KEY = "0b0e6a86-0c3f-4f0e-9d5e-6a1f3f0c7f11"


def message(kind: str = "firing", **content) -> Message:
    given = {
        "rule": "cpu_percent", "severity": "warning", "title": "Warning: CPU above 80 %, web-1", "runbook": "",
        "text": "web-1: 95 %, since 2026-11-27 09:00:00 UTC", "url": "https://avatars.example/alerts/7/", "alerts": [],
    } | content  # fmt: skip
    return Message(KEY, kind, "operators", "house", datetime(2026, 11, 27, 9, tzinfo=UTC), given)
