from datetime import UTC, datetime, timedelta

import pytest

from dashboard.events import LISTED, events
from dashboard.periods import parse
from monitoring.models import Alert, Marker, Node

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def alert(minutes: float, metric: str = "cpu_percent", subject: str = "web", lasted: float | None = 5) -> Alert:
    start = NOW - timedelta(minutes=minutes)
    return Alert.objects.create(
        metric=metric, subject=subject, severity="warning", message=f"High {metric}", value=1, threshold=1, peak=1,
        host="web", node="web:1", boot="b", started_at=start,
        ended_at=None if lasted is None else start + timedelta(minutes=lasted),
    )  # fmt: skip


def found(**query: str):
    return events(parse({"range": "1h", **query}, NOW), ["cpu_percent", "latency_ms"])


def test_everything_that_happened_is_listed_newest_first():
    alert(30)
    Marker.objects.create(at=NOW - timedelta(minutes=20), text="release 2")
    Node.objects.create(node="web:1", boot="b", host="web", first_seen=NOW - timedelta(minutes=40), last_seen=NOW)
    rows = found().rows()
    assert [(row.kind, row.text) for row in rows] == [
        ("deploy", "release 2"),
        ("alert", "CPU of web reached 1 %, above the limit of 1 %"),
        ("start", "web:1 started"),
    ]


def test_an_alert_shows_its_duration_and_links_to_itself():
    one, still = alert(30), alert(10, subject="other", lasted=None)
    first, second = found().rows()
    assert (first.until, first.url) == (None, f"/alerts/{still.pk}/")
    assert (second.until, second.url) == (one.ended_at, f"/alerts/{one.pk}/")


def test_only_alerts_of_charted_metrics_within_the_range_are_listed():
    alert(90)
    alert(30, metric="stale_client_seconds", subject="ann")
    assert found().rows() == []


def test_a_node_shows_its_own_alerts_and_its_hosts():
    Node.objects.create(node="web:1", boot="b", host="web", first_seen=NOW - timedelta(days=1), last_seen=NOW)
    alert(30, subject="web")
    alert(29, metric="latency_ms", subject="web:1")
    alert(28, metric="latency_ms", subject="web:2")
    alert(27, subject="other-host")
    assert [one.subject for one in found(node="web:1").alerts] == ["web:1", "web"]


def test_a_hundred_are_listed_and_all_are_counted():
    for number in range(LISTED + 5):
        Marker.objects.create(at=NOW - timedelta(seconds=number + 1), text=f"release {number}")
    happened = found()
    assert (len(happened.rows()), happened.count, happened.rows()[0].text) == (LISTED, LISTED + 5, "release 0")
