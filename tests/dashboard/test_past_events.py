"""What the live page is told of alerts and markers of the past."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from monitoring.models import Alert, Marker

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def alert(metric: str, minutes: float, length: float | None = 1, **values) -> Alert:
    began = NOW - timedelta(minutes=minutes)
    given = {
        "metric": metric,
        "rule": metric,
        "subject": "vm",
        "severity": "warning",
        "message": "High",
        "value": 91.0,
        "threshold": 80.0,
        "peak": 97.0,
        "started_at": began,
        "ended_at": None if length is None else began + timedelta(minutes=length),
    }
    return Alert.objects.create(**given | values)


def events(viewer: Client, minutes: float = 60) -> dict:
    answer = viewer.get(
        "/live/past/events/", {"from": (NOW - timedelta(minutes=minutes)).timestamp(), "to": NOW.timestamp()}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_alert_has_a_text_its_span_and_its_page(viewer):
    row = alert("cpu_percent", minutes=10, length=2)
    (one,) = events(viewer)["alerts"]
    assert (one["metric"], one["url"]) == ("cpu_percent", f"/alerts/{row.pk}/")
    assert one["end"] - one["start"] == 120
    assert "97" in one["message"]
    alert("memory_percent", minutes=5, length=None)
    assert events(viewer)["alerts"][0]["end"] is None


def test_many_newer_alerts_of_other_metrics_hide_no_alert_of_a_chart(viewer):
    alert("cpu_percent", minutes=50)
    for number in range(150):
        alert("stale_client_seconds", minutes=5, subject=f"client-{number}")
    answer = events(viewer)
    assert [one["metric"] for one in answer["alerts"]] == ["cpu_percent"]
    assert [one["count"] for one in answer["regions"]] == [1, 150]


def test_alerts_that_began_together_are_one_region_of_each_severity(viewer):
    alert("cpu_percent", minutes=10, length=1)
    alert("latency_ms", minutes=9.9, length=3)
    alert("memory_percent", minutes=9.9, length=None, severity="critical")
    alert("cpu_percent", minutes=2, length=1)
    regions = [(one["severity"], one["count"], one["end"] is None) for one in events(viewer)["regions"]]
    assert regions == [("warning", 2, False), ("critical", 1, True), ("warning", 1, False)]


def test_markers_are_told_with_their_kind(viewer):
    Marker.objects.create(at=NOW - timedelta(minutes=3), text="Release 7")
    (one,) = events(viewer)["marks"]
    assert (one["kind"], one["text"]) == ("deploy", "Release 7")


def test_a_range_that_cannot_be_shown_is_refused(viewer):
    for query in ({}, {"from": "0", "to": "x"}, {"from": 100, "to": 50}, {"from": 0, "to": 100_000}):
        assert viewer.get("/live/past/events/", query).status_code == 400
    assert Client().get("/live/past/events/", {"from": 0, "to": 1}).status_code == 401
