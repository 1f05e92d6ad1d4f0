"""Data stored by a future release: pages show the rest, and no task loses anything."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from monitoring.columns import timestamp
from monitoring.core.stats import sketch_bytes
from monitoring.core.stats.sample import SKETCHES
from monitoring.core.stats.sketch import Sketch
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.history.series import series
from monitoring.models import Day, Hour, Minute, Pending
from monitoring.storage import roll_up as rolling
from monitoring.storage.ingest import drain
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store, store_sessions
from tests.dashboard.test_past import session
from tests.monitoring.batches import MINUTE, append, arrived, batch, minute, sample

FOREIGN = b"\0\0\x41of a release that is still to come"
RANGE = "from=2023-11-14T22:00Z&to=2023-11-14T23:00Z"


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    monkeypatch.setattr(sketch_bytes, "said", SaidOnce(sketch_bytes.said._logger))
    monkeypatch.setattr(rolling, "said", SaidOnce(rolling.logger))


@pytest.fixture
def stored(db) -> None:
    """A minute that another release stored after one of this release, and the hour and day that it made from both."""
    for start, sketch in ((MINUTE, Sketch.of([5.0]).encode()), (MINUTE + 60, FOREIGN)):
        minute(start, messages=7, connections=2, latency_sketch=Sketch.of([5.0]))
        Minute.objects.at([start]).update(**dict.fromkeys(SKETCHES, sketch))
    closed = session(
        "ada", MINUTE + 1.0, disconnected_at=MINUTE + 90.0, latency_sketch=FOREIGN, frame_time_sketch=FOREIGN
    )
    store_sessions([batch(sessions=[closed])])


@pytest.fixture
def person(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.mark.parametrize(
    "address",
    [
        f"/live/past/?from={MINUTE - 600}&to={MINUTE + 600}",
        f"/live/past/moment/?at={MINUTE + 70}",
        f"/trends/?{RANGE}",
        f"/trends/export/?{RANGE}&format=json",
        "/clients/",
        "/clients/ada/",
        f"/api/series?metric=latency_ms&{RANGE}",
        "/api/sessions?client_id=ada",
        "/admin/avatar_monitoring/minute/?period=all",
        "/admin/avatar_monitoring/clientsession/?period=all",
    ],
)
@pytest.mark.usefixtures("redis", "stored")
def test_every_page_shows_what_it_can_read(person, address, caplog):
    for _ in range(2):
        response = person.get(address)
        assert response.status_code == 200, response.content
    assert len([one for one in caplog.records if "form 65" in one.getMessage()]) <= 1
    assert not [one for one in caplog.records if one.exc_info]


@pytest.mark.usefixtures("stored")
def test_unknown_percentiles_are_null_and_everything_else_is_there():
    span = timestamp(MINUTE), timestamp(MINUTE + 120)
    latency = series("latency_ms", *span)
    assert latency.p95 == [pytest.approx(5.0, rel=0.01), None]
    assert latency.whole.p95 is None
    assert series("messages_per_second", *span).count == [7, 7]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("more", [(), ("--bucket", "5m")])
def test_exports_leave_unknown_values_empty(capsys, more):
    span = ("--from", "2023-11-14T22:00", "--to", "2023-11-14T23:00")
    call_command("export_metrics", *span, *more, "--format", "jsonl")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(row["messages"] for row in rows) == 14
    assert rows[-1]["latency_p95_ms"] is None


@pytest.mark.usefixtures("stored")
def test_an_hour_with_foreign_data_is_left_to_a_release_that_can_read_it(caplog):
    for _ in range(3):
        assert str(roll_up()) == "rolled up 0 hours and 0 days"
    assert Pending.objects.epochs("hour") == [Hour.start_of(MINUTE)]
    assert [one.getMessage().partition(": ")[0] for one in caplog.records] == [
        "A stored distribution of form 65",
        f"The hour of {Hour.start_of(MINUTE)}",
    ]
    Minute.objects.all().update(**dict.fromkeys(SKETCHES, b""))
    assert str(roll_up()) == "rolled up 1 hour and 1 day"
    assert Day.objects.of_fleet().get().messages == 14


@pytest.mark.usefixtures("stored")
def test_additions_to_such_a_minute_are_stored_and_its_distribution_stays():
    more = sample(MINUTE + 75, messages=3, latency_sketch=Sketch.of([9.0]))
    store(arrived(batch(more, boot="web:1", seq=2), batch(more, boot="web:2", node="web:2")))
    rows = {row.node: row for row in Minute.objects.at([MINUTE + 60])}
    assert {node: row.messages for node, row in rows.items()} == {"": 13, "web:1": 10, "web:2": 3}
    assert bytes(rows["web:1"].latency_sketch) == bytes(rows[""].latency_sketch) == FOREIGN
    assert rows["web:2"].to_sample().latency_sketch == Sketch.of([9.0])


@pytest.mark.usefixtures("stored")
def test_a_batch_for_such_a_minute_is_not_set_aside(redis):
    append(redis, batch(sample(MINUTE + 75, messages=3), boot="web:1", seq=2))
    drained = drain(redis)
    assert (drained.batches, drained.set_aside) == (1, 0)
