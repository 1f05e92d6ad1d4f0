import random
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError

from monitoring.core.sample import Gauge
from monitoring.models import Alert, ClientSession, Minute
from tests.monitoring.batches import MINUTE, minute, random_sample, sample

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def stored_alert(subject: str = "web", started: float = 0, ended: float | None = None, **values) -> Alert:
    return Alert.objects.create(
        metric="cpu_percent",
        subject=subject,
        severity="warning",
        message="High CPU usage: 90.0%",
        value=90,
        threshold=80,
        peak=90,
        host="web",
        node="web:1",
        boot="boot1",
        started_at=at(started),
        ended_at=None if ended is None else at(ended),
        **values,
    )


def stored_session(connected: float = 0, disconnected: float | None = None, **values) -> ClientSession:
    return ClientSession.objects.create(
        node="web:1",
        boot="boot1",
        session_id=f"s{ClientSession.objects.count()}",
        client_id="avatar-1",
        connected_at=at(connected),
        disconnected_at=None if disconnected is None else at(disconnected),
        **values,
    )


def test_a_sample_survives_the_way_to_a_row_and_back():
    before = sum((random_sample(MINUTE + second, random.Random(second)) for second in range(1, 60)), sample())
    Minute.from_sample("web:1", "boot1", "web", before).save()
    assert Minute.objects.get().to_sample() == before


def test_a_gauge_without_readings_is_null_and_not_zero():
    row = minute(messages=3)
    assert (row.cpu_percent_count, row.cpu_percent_min, row.average("cpu_percent")) == (0, None, None)
    assert row.to_sample().cpu_percent == Gauge()


def test_a_row_stands_for_the_minute_in_which_its_sample_begins():
    row = minute(MINUTE + 59.9)
    assert (row.epoch, row.minute) == (MINUTE, START)
    assert str(row) == "web:1 at 2023-11-14 22:14 UTC"


def test_coverage_ends_at_a_minute():
    assert minute(seconds=61.5).coverage == 60


def test_a_boot_has_each_minute_once():
    minute()
    with pytest.raises(IntegrityError):
        minute()


@pytest.mark.parametrize("values", [{"cpu_percent": 101.0}, {"memory_percent": -1.0}, {"seconds": -1.0}])
def test_impossible_values_are_refused(values):
    with pytest.raises(IntegrityError):
        minute(**values)


def test_who_may_watch_has_a_permission_of_its_own():
    assert Permission.objects.filter(content_type__app_label="monitoring", codename="view_live").count() == 1


def test_minutes_between_two_moments_and_of_nodes():
    minute()
    minute(MINUTE + 60, node="web:2")
    assert [row.node for row in Minute.objects.between(START, at(1))] == ["web:1"]
    assert [row.node for row in Minute.objects.of_nodes(["web:2"])] == ["web:2"]


def test_an_alert_fires_once_at_a_time():
    stored_alert(ended=1)
    stored_alert(started=2)
    with pytest.raises(IntegrityError):
        stored_alert(started=3)


def test_an_alert_knows_its_state_and_duration():
    assert (stored_alert(ended=1.5).state, stored_alert("db").state) == ("resolved", "firing")
    assert Alert.objects.resolved().get().duration == timedelta(seconds=90)


def test_alerts_and_sessions_between_are_those_of_which_any_part_lies_there():
    for start, end in ((0, 1), (1, 3), (2.5, None), (6, None)):
        stored_alert(f"host{start}", start, end)
        stored_session(start, end)
    assert [alert.started_at for alert in Alert.objects.between(at(2), at(5)).latest_first()] == [at(2.5), at(1)]
    assert [one.connected_at for one in ClientSession.objects.between(at(2), at(5)).latest_first()] == [at(2.5), at(1)]


def test_alerts_of_a_client():
    stored_alert("avatar-1", client_id="avatar-1")
    stored_alert("web")
    assert [alert.subject for alert in Alert.objects.of_client("avatar-1")] == ["avatar-1"]


def test_open_and_closed_sessions():
    opened, closed = stored_session(), stored_session(0, 2)
    assert [*ClientSession.objects.open()] == [opened]
    assert [*ClientSession.objects.closed()] == [closed]
    assert (opened.is_open, closed.is_open, closed.duration) == (True, False, timedelta(minutes=2))
    assert ClientSession.objects.of_client("avatar-1").count() == 2
