import csv
import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone

from monitoring.models import Alert, Node
from tests.monitoring.batches import MINUTE, gauge, minute

TRENDS, ALERTS = "/trends/export/", "/alerts/export/"
RANGE = "from=2023-11-14T22:14:00Z&to=2023-11-14T22:17:00Z"


def rows(client: Client, url: str) -> list[dict]:
    response = client.get(url)
    assert response.status_code == 200, response.content
    return list(csv.DictReader(StringIO(response.getvalue().decode(), newline="")))


def alert(**values) -> Alert:
    known = {
        "metric": "cpu_percent",
        "subject": "web",
        "value": 90.0,
        "threshold": 80.0,
        "peak": 91.0,
        "severity": "warning",
    }
    return Alert.objects.create(**{**known, "started_at": timezone.now(), **values})


def test_it_contains_what_the_charts_show_for_a_range(viewer):
    minute(connections=3, latency_ms=gauge(10, 30))
    found = rows(viewer, f"{TRENDS}?{RANGE}")
    assert {row["metric"] for row in found} >= {"cpu_percent", "connections", "latency_ms", "fps"}
    latency = [row for row in found if row["metric"] == "latency_ms"]
    assert (latency[0]["time"], latency[0]["avg"]) == ("2023-11-14T22:14:00Z", "20.0")
    assert {row["bucket_seconds"] for row in found} == {"60"}


def test_it_can_be_limited_to_some_metrics_and_one_node(viewer):
    minute(connections=3)
    minute(node="web:2", connections=5)
    Node.objects.create(
        node="web:2", boot="web:2", host="web", first_seen=datetime.fromisoformat("2023-11-14T22:00Z"),
        last_seen=datetime.fromisoformat("2023-11-14T23:00Z"),
    )  # fmt: skip
    assert rows(viewer, f"{TRENDS}?{RANGE}&metric=connections")[0]["avg"] == "8.0"
    found = rows(viewer, f"{TRENDS}?{RANGE}&metric=connections&metric=fps&node=web:2")
    assert (found[0]["avg"], {row["metric"] for row in found}) == ("5.0", {"connections", "fps"})


def test_the_compared_period_is_included(viewer):
    minute(MINUTE - 180, connections=2)
    minute(connections=3)
    [first, *_] = rows(viewer, f"{TRENDS}?{RANGE}&metric=connections&compare=previous")
    assert (first["avg"], first["avg_earlier"]) == ("3.0", "2.0")


def test_the_file_is_named_after_its_contents(viewer, db):
    response = viewer.get(f"{TRENDS}?{RANGE}&metric=fps&format=json")
    assert response["Content-Disposition"] == (
        'attachment; filename="trends_fps_20231114T221400Z_20231114T221700Z.json"'
    )
    assert response["Content-Type"] == "application/json"
    assert {row["metric"] for row in json.loads(response.getvalue())} == {"fps"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"{TRENDS}?range=2h", "range=2h: must be one of 1h, "),
        (f"{TRENDS}?metric=cpu", "metric=cpu: must be one of cpu_percent, memory_percent, "),
        (f"{TRENDS}?format=parquet", "format=parquet: must be one of csv, json"),
        (f"{TRENDS}?node=nobody", "node=nobody: must be "),
        (f"{ALERTS}?severity=loud", "severity=loud: "),
        (f"{ALERTS}?format=xml", "format=xml: must be one of csv, json"),
    ],
)
def test_an_impossible_download_is_400_with_the_reason(viewer, url, reason):
    response = viewer.get(url)
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert f'href="{url.split("export")[0]}"' in response.content.decode()


def test_alerts_are_those_that_match_the_filter(viewer):
    alert(subject="firing")
    alert(subject="over", ended_at=timezone.now() + timedelta(seconds=1))
    alert(subject="other", metric="latency_ms")
    found = rows(viewer, f"{ALERTS}?metric=cpu_percent&state=firing")
    assert [(row["subject"], row["ended_at"]) for row in found] == [("firing", "")]
    assert len(rows(viewer, ALERTS)) == 3


def test_the_alerts_page_links_to_exactly_what_it_shows(viewer, db):
    page = viewer.get("/alerts/?state=firing&utm_source=mail").content.decode()
    assert 'href="/alerts/export/?state=firing&amp;format=csv"' in page


@pytest.mark.parametrize("url", [TRENDS, ALERTS])
def test_it_requires_the_same_permission_as_the_page(url, stranger, client):
    assert stranger.get(url).status_code == 403
    assert client.get(url).status_code == 302
