import random
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection

from monitoring.columns import timestamp
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Alert, AlertRule, ClientSession, Minute, OwnGauge, Pending, PruneWatermark
from monitoring.models.aggregate import FLEET
from monitoring.models.tiers import TIERS
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


def test_a_row_covers_the_minute_in_which_its_sample_begins():
    row = minute(MINUTE + 59.9)
    assert (row.epoch, row.minute) == (MINUTE, START)
    assert str(row) == "web:1 at 2023-11-14 22:14 UTC"


def test_coverage_is_at_most_a_minute():
    assert minute(seconds=61.5).coverage == 60


def test_a_boot_has_each_minute_once():
    minute()
    with pytest.raises(IntegrityError):
        minute()


@pytest.mark.parametrize("values", [{"cpu_percent": 101.0}, {"memory_percent": -1.0}, {"seconds": -1.0}])
def test_impossible_values_are_refused(values):
    with pytest.raises(IntegrityError):
        minute(**values)


def test_watching_has_its_own_permission():
    assert Permission.objects.filter(content_type__app_label="avatar_monitoring", codename="view_live").count() == 1


def test_minutes_can_be_selected_by_time_and_node():
    minute()
    minute(MINUTE + 60, node="web:2")
    assert [row.node for row in Minute.objects.between(START, at(1)).of_each_node()] == ["web:1"]
    assert [row.node for row in Minute.objects.of_nodes(["web:2"])] == ["web:2"]


@pytest.mark.parametrize("tier", TIERS.values())
def test_every_tier_separates_the_fleet_from_its_nodes(tier):
    for node in ("web:1", "web:2", FLEET):
        tier.from_sample(node, node, "", sample(messages=1)).save()
    assert [row.node for row in tier.objects.of_each_node().in_order()] == ["web:1", "web:2"]
    assert [str(row) for row in tier.objects.of_fleet()] == [
        f"fleet at {timestamp(tier.start_of(MINUTE)):%F %H:%M} UTC"
    ]
    assert tier.objects.oldest() == tier.start_of(MINUTE)


@pytest.mark.parametrize("tier", TIERS.values())
def test_a_row_is_replaced_by_one_with_the_same_node_boot_and_start(tier):
    for messages in (1, 2):
        tier.objects.upsert([tier.from_sample("web:1", "boot1", "web", sample(messages=messages))])
    assert [row.messages for row in tier.objects.all()] == [2]


def test_a_row_knows_which_part_of_its_time_was_measured():
    row = minute(MINUTE + 20, seconds=10)
    assert (row.began, row.ended, row.coverage) == (MINUTE + 20, MINUTE + 30, 10)
    assert minute(MINUTE + 59, node="web:2", seconds=7).ended == MINUTE + 60


def test_parts_of_rows_have_the_requested_fields():
    minute(connections=4, messages=9, latency_sketch=Sketch.of([5.0]))
    [(epoch, part, sketches)] = Minute.objects.of_each_node().parts(["latency_sketch", "messages"])
    assert (epoch, part.node, part.sample.messages, part.sample.connections.count) == (MINUTE, "web:1", 9, 0)
    assert sketches == {"latency_sketch": Sketch.of([5.0]).encode()}


def test_a_pending_row_is_noted_once_however_often_it_is_marked():
    for _ in range(2):
        Pending.objects.mark("hour", [3_600, 7_200])
    assert Pending.objects.epochs("hour") == [7_200, 3_600]
    assert [Pending.objects.take("hour", 3_600) for _ in range(2)] == [True, False]


def test_a_prune_watermark_never_goes_back():
    for epoch in (7_200, 3_600):
        PruneWatermark.objects.lock()["minute"].move_to(epoch)
    assert PruneWatermark.objects.pruned_until() == {"minute": 7_200, "hour": 0}


def test_an_alert_fires_once_at_a_time():
    stored_alert(ended=1)
    stored_alert(started=2)
    with pytest.raises(IntegrityError):
        stored_alert(started=3)


def test_an_alert_knows_its_state_and_duration():
    assert (stored_alert(ended=1.5).state, stored_alert("db").state) == ("resolved", "firing")
    assert Alert.objects.resolved().get().duration == timedelta(seconds=90)


def test_alerts_and_sessions_between_have_any_part_in_the_range():
    for start, end in ((0, 1), (1, 3), (2.5, None), (6, None)):
        stored_alert(f"host{start}", start, end)
        stored_session(start, end)
    assert [alert.started_at for alert in Alert.objects.between(at(2), at(5)).latest_first()] == [at(2.5), at(1)]
    assert [one.connected_at for one in ClientSession.objects.between(at(2), at(5)).latest_first()] == [at(2.5), at(1)]


def test_alerts_can_be_selected_by_client():
    stored_alert("avatar-1", client_id="avatar-1")
    stored_alert("web")
    assert [alert.subject for alert in Alert.objects.of_client("avatar-1")] == ["avatar-1"]


def test_sessions_can_be_selected_by_whether_they_are_open():
    opened, closed = stored_session(), stored_session(0, 2)
    assert [*ClientSession.objects.open()] == [opened]
    assert [*ClientSession.objects.closed()] == [closed]
    assert (opened.is_open, closed.is_open, closed.duration) == (True, False, timedelta(minutes=2))
    assert ClientSession.objects.of_client("avatar-1").count() == 2


def test_a_session_knows_the_percentiles_of_its_whole_life():
    one = stored_session(latency_sketch=Sketch.of([10.0] * 98 + [500.0] * 2).encode())
    assert ClientSession.objects.get(pk=one.pk).latency == pytest.approx([10, 10, 500], rel=0.01)
    assert one.frame_time == [None, None, None]


def session_of(seconds: float | None) -> ClientSession:
    """Unsaved; None is an open session."""
    end = None if seconds is None else START + timedelta(seconds=seconds)
    name = f"for {seconds}"
    return ClientSession(
        node="web:1", boot="boot1", session_id=name, client_id=name, connected_at=START, disconnected_at=end
    )


@pytest.mark.parametrize("seconds", [0, 1, 2, 3.9, 4, 4.1, 7, 8, 9, 1_000, 86_400, 40_000_000])
def test_sessions_open_at_a_moment_are_found_however_long_they_last(seconds):
    ClientSession.objects.upsert([session_of(seconds), session_of(None)])
    moments = [START + timedelta(seconds=after) for after in (-0.001, 0, max(0, seconds - 0.001), seconds)]
    found = [ClientSession.objects.open_at(moment).count() for moment in moments]
    assert found == [0, 1 + (seconds > 0), 1 + (seconds > 0), 1]


@pytest.mark.parametrize("seconds", [0, 1, 7.9, 8, 1_000])
def test_a_session_that_was_cut_off_keeps_its_duration(seconds):
    ClientSession.objects.upsert([session_of(None), session_of(seconds)])
    ClientSession.objects.open().cut_off_at(START + timedelta(seconds=seconds))
    assert len(set(ClientSession.objects.values_list("duration_bucket", flat=True))) == 1
    ClientSession.objects.cut_off().reopen()
    assert ClientSession.objects.open_at(START + timedelta(days=9)).count() == 1


def test_only_few_of_many_sessions_are_examined():
    plan = ClientSession.objects.open_at(START).explain()
    assert "monitoring_session_by_octave" in plan or connection.vendor == "postgresql"
    assert "SCAN" not in plan


def test_alerts_firing_at_a_moment_include_those_that_ended_later():
    stored_alert("a", 0, 10)
    stored_alert("b", 5)
    fired = [sorted(alert.subject for alert in Alert.objects.firing_at(at(moment))) for moment in (-1, 0, 5, 10)]
    assert fired == [[], ["a"], ["a", "b"], ["b"]]


def an_alert(metric: str, **values) -> Alert:
    """As it is read."""
    row = stored_alert()
    Alert.objects.filter(pk=row.pk).update(metric=metric, **{"rule": metric, **values})
    return Alert.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("cpu_percent", "%"),
        ("p95_latency_ms", "ms"),
        ("network_sent_rate", "MB/s"),
        ("fps", "fps"),
        ("stale_client_seconds", "s"),
        ("connections", ""),
        ("a_metric_of_another_release_seconds", "s"),
        ("nobody_knows", ""),
    ],
)
def test_an_alert_has_the_unit_of_its_metric(metric, unit):
    alert = an_alert(metric)
    assert (alert.unit, alert.limit_unit) == (unit, unit)


def test_an_alert_about_a_gauge_of_the_project_has_the_gauges_unit():
    OwnGauge.objects.create(name="orders_waiting", unit="orders", first_seen=at(0), last_seen=at(1))
    alert = an_alert("orders_waiting", rule="many_orders")
    assert (alert.unit, alert.limit_unit) == ("orders", "orders")


def test_an_alert_about_a_share_of_clients_is_in_percent():
    AlertRule.objects.create(
        name="slow", metric="fps", scope="node", comparison="below", each_threshold=30, threshold=20
    )
    alert = an_alert("fps", rule="slow")
    assert (alert.unit, alert.limit_unit) == ("%", "%")


def test_an_alert_about_many_clients_counts_them_and_one_without_data_counts_seconds():
    many = an_alert("stale_client_seconds", grouped=True)
    assert (many.unit, many.limit_unit) == ("clients", "s")
    unknown = an_alert("memory_percent", reason="no data")
    assert (unknown.unit, unknown.limit_unit) == ("s", "%")
