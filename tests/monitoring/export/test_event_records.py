from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.core.stats.sketch import Sketch
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.export.table import ColumnKind
from monitoring.models import Alert, ClientSession
from tests.monitoring.batches import MINUTE

pytestmark = pytest.mark.django_db
AT = timestamp(MINUTE)


def alert(begun: float = 0, lasted: float | None = None, **values) -> Alert:
    started = AT + timedelta(seconds=begun)
    ended = None if lasted is None else started + timedelta(seconds=lasted)
    known = {"metric": "cpu_percent", "subject": f"web{begun}", "value": 90.0, "threshold": 80.0, "peak": 91.0}
    return Alert.objects.create(started_at=started, ended_at=ended, **known | values)


def session(number: int = 0, **values) -> ClientSession:
    known = {"boot": "b", "session_id": str(number), "connected_at": AT + timedelta(seconds=number)}
    return ClientSession.objects.create(**known | values)


def rows(records, after=None) -> list[dict]:
    names = [column.name for column in records.columns]
    found = [zip(*chunk.columns, strict=True) for chunk in records.chunks(after)]
    return [dict(zip(names, row, strict=True)) for part in found for row in part]


def test_an_episode_says_when_it_was_how_long_and_about_what():
    alert(lasted=1.5, message="High CPU usage: 90.0%")
    [row] = rows(of_alerts(Alert.objects.all()))
    assert list(row)[:3] == ["started_at", "ended_at", "duration_seconds"]
    assert (row["started_at"], row["duration_seconds"], row["message"]) == (AT, 1.5, "High CPU usage: 90.0%")
    assert not {"id", "reporters"} & set(row)


def test_what_still_lasts_has_neither_end_nor_duration():
    alert()
    [row] = rows(of_alerts(Alert.objects.all()))
    assert (row["ended_at"], row["duration_seconds"]) == (None, None)


def test_rows_are_in_order_of_their_beginning_and_go_on_behind_any():
    for begun in (3, 1, 2):
        alert(begun)
    records = of_alerts(Alert.objects.all())
    assert [row["subject"] for row in rows(records)] == ["web1", "web2", "web3"]
    assert [row["subject"] for row in rows(records, AT + timedelta(seconds=1))] == ["web2", "web3"]
    assert (records.count(), records.count(AT + timedelta(seconds=2))) == (3, 1)


def test_a_session_tells_the_percentiles_of_its_whole_life():
    session(latency_sketch=Sketch.of([10.0] * 99 + [50.0] * 3).encode(), latency_p95_ms=10.1)
    [row] = rows(of_sessions(ClientSession.objects.all()))
    assert row["latency_p50_ms"] == pytest.approx(10, rel=0.01)
    assert row["latency_p95_ms"] == row["latency_p50_ms"]
    assert row["latency_p99_ms"] == pytest.approx(50, rel=0.01)
    assert row["frame_time_p50_ms"] is None
    assert "duration_bucket" not in row


@pytest.mark.parametrize(("of", "model"), [(of_alerts, Alert), (of_sessions, ClientSession)])
def test_no_column_stands_twice_or_carries_bytes(of, model):
    records = of(model.objects.all())
    names = [column.name for column in records.columns]
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.endswith("_sketch")]
    assert {column.kind for column in records.columns} <= set(ColumnKind)
