"""Stored alerts for the tests of pages."""

from datetime import timedelta

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from monitoring.models import Alert


def stored_alert(subject: str = "vm", ago: float = 10, lasted: float | None = 5, **fields) -> Alert:
    """An episode that began so many minutes ago; with `lasted=None` it fires still."""
    began = timezone.now() - timedelta(minutes=ago)
    metric = fields.get("metric", "cpu_percent")
    given = {
        "rule": metric,
        "metric": metric,
        "scope": "host",
        "severity": "warning",
        "message": "High CPU usage: 91.0%",
        "value": 91.0,
        "threshold": 80.0,
        "peak": 95.5,
        "host": "vm",
        "node": "vm:1",
        "boot": "b",
        "started_at": began,
        "ended_at": None if lasted is None else began + timedelta(minutes=lasted),
    }
    return Alert.objects.create(subject=subject, **given | fields)


def operator_client(name: str = "kim", **client) -> Client:
    """The browser of somebody who may answer alerts."""
    user = User.objects.create_user(name)
    found = Permission.objects.filter(content_type__app_label="avatar_monitoring")
    user.user_permissions.add(*found.filter(codename__in=["view_live", "answer_alert"]))
    browser = Client(**client)
    browser.force_login(user)
    return browser
