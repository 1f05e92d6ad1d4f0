from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.columns import timestamp
from monitoring.core.stats.sample import Sample
from monitoring.export import found_rows
from monitoring.export.found_rows import read_found
from monitoring.export.selection import Selection, of_alerts, of_sessions
from monitoring.models import Alert, ClientSession, Minute
from tests.monitoring.batches import MINUTE

pytestmark = pytest.mark.django_db
AT = timestamp(MINUTE)
ROWS = 300


def sessions(*seconds: int, cause: str = "client_lost") -> None:
    """Sessions that begin so many seconds after AT."""
    have = ClientSession.objects.count()
    ClientSession.objects.bulk_create(
        ClientSession(
            boot="b",
            session_id=str(have + number),
            connected_at=AT + timedelta(seconds=second),
            disconnected_at=AT + timedelta(seconds=second + 5),
            cause=cause,
        )
        for number, second in enumerate(seconds)
    )


def parts() -> list[list]:
    found = ClientSession.objects.of_cause("client_lost")
    return list(read_found(found, "connected_at", ["connected_at", "session_id"]))


@pytest.fixture(params=[(1, 1), (2, 1), (2, 3), (5, 500)])
def small(request, monkeypatch) -> None:
    """How many keys are found at first, and how many rows one query reads."""
    first, looked_up = request.param
    monkeypatch.setattr(found_rows, "FIRST", first)
    monkeypatch.setattr(found_rows, "LOOKED_UP", looked_up)


def test_every_row_that_is_found_is_read_once_in_order_of_time(small):
    sessions(3, 1, 1, 1, 2, 1)
    sessions(0, 2, cause="client_closed")
    found = [row for part in parts() for row in part]
    assert [((moment - AT).seconds, name) for moment, name in found] == [
        (1, "1"), (1, "2"), (1, "3"), (1, "5"), (2, "4"), (3, "0"),
    ]  # fmt: skip


def test_rows_of_one_moment_are_never_split(small):
    sessions(1, 1, 1, 1, 2, 3, 3, 4)
    moments = [{moment for moment, _ in part} for part in parts()]
    assert all(before.isdisjoint(after) for before, after in pairwise(moments))


def test_nothing_is_found_in_an_empty_table():
    assert parts() == []


def test_a_row_that_is_gone_by_then_is_left_out(monkeypatch):
    sessions(1, 2, 3, 4)
    monkeypatch.setattr(found_rows, "LOOKED_UP", 2)
    found = read_found(ClientSession.objects.all(), "connected_at", ["connected_at", "session_id"])
    first = next(found)
    ClientSession.objects.filter(session_id="2").delete()
    assert [name for part in [first, *found] for _, name in part] == ["0", "1", "3"]


def many_sessions():
    sessions(*range(ROWS))
    return of_sessions(ClientSession.objects.of_cause("client_lost")), "cause"


def many_alerts():
    known = {"metric": "cpu_percent", "value": 1.0, "threshold": 1.0, "peak": 1.0}
    begun = ((f"web{one}", AT + timedelta(seconds=one)) for one in range(ROWS))
    Alert.objects.bulk_create(Alert(subject=subject, started_at=at, **known) for subject, at in begun)
    return of_alerts(Alert.objects.of_metrics(["cpu_percent"])), "metric"


def minutes_of_several_nodes():
    Minute.objects.bulk_create(
        Minute.from_sample(f"web:{one % 2}", "b", "web", Sample(MINUTE + one // 2 * 60)) for one in range(ROWS)
    )
    records = Selection(nodes=["web:0", "web:1"], metrics=["messages"]).records(AT, AT + timedelta(days=9))
    return records, "node"


@pytest.mark.parametrize("many", [many_sessions, many_alerts, minutes_of_several_nodes])
def test_a_filter_is_asked_for_a_few_times_however_many_rows_it_finds(many, monkeypatch):
    monkeypatch.setattr(found_rows, "FIRST", 2)
    monkeypatch.setattr(found_rows, "LOOKED_UP", 10)
    records, column = many()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert sum(chunk.rows for chunk in records.chunks()) == ROWS
    filtered = [one["sql"] for one in asked if f'."{column}"' in one["sql"].partition(" WHERE ")[2]]
    # For 2, 8, 32, 128 and the remaining 130 keys, where each thirty parts would have sorted all rows again.
    assert len(filtered) == 5
    assert len(asked) < 40
