from datetime import UTC, datetime, timedelta

import pytest

from monitoring.alerting.outbox import plan_notices
from monitoring.models import (
    Alert,
    AlertChannel,
    AlertEntry,
    ClientSession,
    Day,
    Hour,
    Minute,
    MinuteTrack,
    Node,
    Notice,
    PruneWatermark,
)
from monitoring.storage import forgetting
from monitoring.storage import prune as module
from monitoring.storage.prune import prune
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, alert, arrived, batch, minute, sample, session

pytestmark = pytest.mark.django_db
HOUR = Hour.start_of(MINUTE)
DAY = Day.start_of(MINUTE)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def kept(settings) -> None:
    settings.AVATAR_MONITORING = {
        "AVATAR_KEEP_MINUTES": "2d",
        "AVATAR_KEEP_HOURS": "30d",
        "AVATAR_KEEP_SESSIONS": "1d",
        "AVATAR_KEEP_ALERTS": "1d",
    }


def after(**length: int) -> datetime:
    return datetime.fromtimestamp(HOUR, UTC) + timedelta(**length)


def test_minutes_are_deleted_by_whole_hours_and_live_on_in_them():
    minute(HOUR, messages=1)
    minute(HOUR + 3_600, messages=2)
    roll_up()
    assert prune(after(days=2, hours=1) - SECOND).minutes == 0
    assert prune(after(days=2, hours=1)).minutes == 2
    assert [row.epoch for row in Minute.objects.of_each_node()] == [HOUR + 3_600]
    assert [row.messages for row in Hour.objects.of_each_node().in_order()] == [1, 2]
    assert PruneWatermark.objects.pruned_until()["minute"] == HOUR + 3_600


def test_rows_that_are_not_rolled_up_stay():
    minute()
    assert prune(after(days=90)).minutes == 0
    roll_up()
    assert prune(after(days=90)).minutes == 2


def test_a_minute_that_arrives_after_its_hour_was_pruned_counts_once():
    store(arrived(batch(sample(HOUR, messages=1))))
    for seq in (2, 3):
        roll_up()
        prune(after(days=3))
        store(arrived(batch(sample(HOUR, messages=1), seq=seq)))
    roll_up()
    assert (Hour.objects.of_fleet().get().messages, Minute.objects.count()) == (3, 0)


def test_hours_are_deleted_by_whole_days_and_live_on_in_them():
    minute(DAY)
    minute(DAY + 86_400)
    roll_up()
    assert prune(after(days=31)).hours == 2
    assert [row.epoch for row in Hour.objects.of_each_node()] == [DAY + 86_400]
    assert Day.objects.of_each_node().count() == 2


def test_hours_stay_as_long_as_their_minutes(settings):
    settings.AVATAR_MONITORING["AVATAR_KEEP_MINUTES"] = "forever"
    minute()
    roll_up()
    assert prune(after(days=90)).hours == 0


def test_minutes_that_are_kept_forever_stay(settings):
    settings.AVATAR_MONITORING["AVATAR_KEEP_MINUTES"] = "forever"
    minute()
    roll_up()
    assert prune(after(days=90_000)).minutes == 0


def test_closed_sessions_resolved_alerts_and_departed_nodes_are_deleted():
    ended = session(disconnected_at=MINUTE + 9.0)
    store(arrived(batch(sessions=[ended], alerts=[alert("firing"), alert("resolved")])))
    Node.objects.update(gone=True)
    found = prune(after(days=40))
    assert str(found) == "deleted 0 minutes, 0 hours, 1 session, 1 alert, 0 notices and 1 node"


def test_nodes_stay_while_copies_of_their_batches_may_arrive(settings):
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_HOURS": "2d", "AVATAR_KEEP_MINUTES": "2d"}
    late = batch(sample(MINUTE, messages=3))
    store(arrived(late))
    Node.objects.update(gone=True)
    prune(after(days=5))
    store(arrived(late))
    assert Minute.objects.of_each_node().get().messages == 3


def test_single_seconds_are_deleted_two_hours_after_their_minute_last_changed():
    store(arrived(batch(sample())))
    written = MinuteTrack.objects.get().written_at
    prune(written + timedelta(hours=2))
    assert MinuteTrack.objects.exists()
    prune(written + timedelta(hours=2) + SECOND)
    assert not MinuteTrack.objects.exists()


def test_open_records_stay():
    store(arrived(batch(sessions=[session()], alerts=[alert("firing")])))
    prune(after(days=900))
    assert (ClientSession.objects.count(), Alert.objects.count(), Node.objects.count()) == (1, 1, 1)


def test_what_belongs_to_an_alert_goes_with_it_and_is_not_counted():
    store(arrived(batch(alerts=[alert("firing"), alert("resolved")])))
    for _ in range(3):
        AlertEntry.objects.create(alert=Alert.objects.get(), kind="commented", text="noted")
    assert prune(after(days=40)).alerts == 1
    assert not AlertEntry.objects.exists()


def test_personal_data_is_blanked_before_anything_is_deleted(monkeypatch):
    did = []
    monkeypatch.setattr(forgetting, "blank", lambda *_: did.append("blanked") or 0)
    for name in ("_prune_rows", "_prune_tier"):
        monkeypatch.setattr(module, name, lambda *_: did.append("deleted") or 0)
    prune(after(days=40))
    assert (did[0], did.count("blanked")) == ("blanked", 1)


def test_many_rows_are_deleted_in_small_statements(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 10)
    sessions = [session(f"s{number}", disconnected_at=MINUTE + 9.0) for number in range(25)]
    store(arrived(batch(sessions=sessions)))
    assert prune(after(days=2)).sessions == 25


def test_what_does_not_fit_into_the_time_is_left_to_the_next_run():
    minute()
    roll_up()
    assert prune(after(days=90), seconds=0).minutes == 0
    assert prune(after(days=90)).minutes == 2


def test_notices_are_deleted_with_their_alerts():
    to = AlertChannel.objects.create(name="operators", kind="email", target="ann@example.com")
    Alert.objects.create(
        rule="cpu_percent", metric="cpu_percent", subject="web", severity="warning", message="High", value=95.0,
        threshold=80.0, peak=95.0, host="web", node="web:1", boot="boot1", started_at=after(days=0),
    )  # fmt: skip
    plan_notices(after(days=0))
    Notice.objects.create(channel=to, kind="test", created_at=after(days=0))
    Notice.objects.update(sent_at=after(days=0))
    assert prune(after(days=500)).notices == 1
    assert Notice.objects.get().kind == "firing"
    Alert.objects.update(ended_at=after(days=1))
    assert prune(after(days=500)).notices == 1
