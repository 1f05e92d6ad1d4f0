from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.export.selection import Selection, parse_width
from monitoring.models import Alert, ClientSession, Hour, Marker, Node
from tests.monitoring.batches import MINUTE, minute, sample

pytestmark = pytest.mark.django_db
START, END = timestamp(MINUTE - 3_600), timestamp(MINUTE + 3_600)


def found(column: str, **selection) -> list:
    """The column's values in all rows of the hour before and after MINUTE."""
    records = Selection(**selection).records(START, END)
    at = [one.name for one in records.columns].index(column)
    return [value for chunk in records.chunks() for value in chunk.columns[at]]


def alert(**values) -> None:
    known = {"metric": "cpu_percent", "subject": "web", "value": 90.0, "threshold": 80.0, "peak": 91.0}
    Alert.objects.create(started_at=timestamp(MINUTE), **known | values)


def test_metrics_are_the_minutes_of_each_node():
    minute()
    minute(node="web:2")
    assert found("node") == ["web:1", "web:2"]
    assert found("node", nodes=["web:2"]) == ["web:2"]


def test_the_fleet_covers_all_nodes_together():
    minute(messages=1)
    minute(node="web:2", messages=2)
    assert (found("node", fleet=True), found("messages", fleet=True)) == ([""], [3])


def test_another_resolution_is_another_tier():
    minute(messages=1)
    Hour.from_sample("web:1", "a", "web", sample(messages=5)).save()
    assert found("messages", resolution="hour") == [5]


def test_alerts_are_those_with_any_part_in_the_range():
    alert(subject="before", ended_at=START - timedelta(seconds=1))
    alert(subject="still firing")
    assert found("subject", of="alerts") == ["still firing"]


def test_alerts_can_be_limited_to_a_metric_or_to_a_node_and_its_host():
    Node.objects.create(node="web:1", boot="a", host="web", first_seen=START, last_seen=END)
    alert()
    alert(metric="latency_ms", subject="web:1")
    alert(metric="latency_ms", subject="db:1")
    assert found("subject", of="alerts", nodes=["web:1"]) == ["web", "web:1"]
    assert found("subject", of="alerts", metrics=["latency_ms"]) == ["web:1", "db:1"]


def test_markers_have_a_moment_a_text_and_a_kind():
    Marker.objects.create(at=START - timedelta(seconds=1), text="before")
    Marker.objects.create(at=START, text="redis-py 6.4.0 → 8.0.1", kind="version")
    records = Selection(of="markers").records(START, END)
    assert [column.name for column in records.columns] == ["at", "text", "kind"]
    assert [chunk.columns for chunk in records.chunks()] == [[(START,), ("redis-py 6.4.0 → 8.0.1",), ("version",)]]


def test_sessions_can_be_limited_to_a_node():
    for number, node in enumerate(("web:1", "web:2")):
        ClientSession.objects.create(node=node, boot="b", session_id=str(number), connected_at=START)
    assert found("node", of="sessions") == ["web:1", "web:2"]
    assert found("node", of="sessions", nodes=["web:2"]) == ["web:2"]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"of": "alerts", "resolution": "hour"}, "^resolution: works only with --of metrics, not with --of alerts"),
        ({"of": "sessions", "width": 300}, "^bucket: works only with --of metrics"),
        ({"of": "sessions", "fleet": True}, "^fleet: works only with --of metrics"),
        ({"of": "sessions", "metrics": ["fps"]}, "^metric: works only with --of metrics or alerts"),
        ({"of": "markers", "metrics": ["fps"]}, "^metric: works only with --of metrics or alerts"),
        ({"of": "markers", "nodes": ["web:1"]}, "^node: works not with --of markers"),
        ({"fleet": True, "nodes": ["web:1"]}, "^fleet: cannot be combined with --node"),
        ({"metrics": ["cpu"]}, "^metric cpu: must be one of cpu_percent, "),
        ({"of": "alerts", "metrics": ["cpu"]}, "^metric cpu: must be one of cpu_percent, "),
        ({"resolution": "hour", "width": 300}, "^bucket of 300 s: must be a multiple of the resolution, 3600 s"),
    ],
)
def test_impossible_combinations_are_named_with_what_is_allowed(selection, message):
    with pytest.raises(ValueError, match=message):
        Selection(**selection).records(START, END)


@pytest.mark.parametrize(("text", "seconds"), [("1m", 60), ("5m", 300), ("2h", 7_200), ("7d", 604_800)])
def test_a_width_is_typed_with_its_unit(text, seconds):
    assert parse_width(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0m", "-5m", "5s", "5min", "m"])
def test_an_invalid_width_is_named_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=f"^{text}: must be a length such as 5m, 2h or 7d$"):
        parse_width(text)
