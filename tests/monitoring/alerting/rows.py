"""Alerts and channels as the database holds them, for tests of who is told."""

from datetime import UTC, datetime, timedelta

from monitoring.alerting.encryption import encrypted
from monitoring.models import Alert, AlertChannel, Notice

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)


def channel(name: str = "operators", **fields) -> AlertChannel:
    made = AlertChannel.objects.create(**{"name": name, "kind": "webhook"} | fields)
    # It was set up long before anything that a test tells of.
    AlertChannel.objects.filter(pk=made.pk).update(changed_at=NOW - timedelta(days=1))
    return made


def webhook(url: str, name: str = "operators", secret: str = "a shared secret", **fields) -> AlertChannel:
    return channel(name, kind="webhook", target=encrypted(url), secret=encrypted(secret), **fields)


def waiting_notice(to: AlertChannel, group: str = "cpu_percent", **fields) -> Notice:
    content = {"title": "Warning: CPU above 80 %, web-1", "text": "web-1: 95 %", "url": "", "runbook": "", "alerts": []}
    given = {"kind": "firing", "content": content | {"severity": "warning"}, "created_at": NOW, "due_at": NOW}
    return Notice.objects.create(channel=to, group=group, **given | fields)


def firing_alert(subject: str = "web-1", rule: str = "cpu_percent", **fields) -> Alert:
    given = {
        "rule": rule, "metric": rule, "scope": "host", "subject": subject, "severity": "warning", "value": 95.0,
        "message": "High CPU usage: 95.0%", "threshold": 80.0, "peak": 97.0, "host": subject, "node": f"{subject}:1",
        "boot": "boot1", "started_at": NOW,
    } | fields  # fmt: skip
    return Alert.objects.create(**given)


def end(alert: Alert, at: datetime, ended: str = "") -> None:
    alert.ended_at, alert.ended = at, ended
    alert.save()


def told(name: str = "operators") -> list[tuple[str, list[str]]]:
    """What a channel was told, oldest first: the kind of each notice, and its alerts' subjects."""
    notices = Notice.objects.filter(channel__name=name).order_by("pk")
    return [(one.kind, [alert["subject"] for alert in one.content["alerts"]]) for one in notices]
