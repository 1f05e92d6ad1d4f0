import random

import pytest

from monitoring.columns import timestamp
from monitoring.core.records import ClockJump
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import rank
from monitoring.models import ClientSession, Marker, Minute, MinuteTrack, Node, Pending
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, arrived, batch, random_sample, sample, session

pytestmark = pytest.mark.django_db


def seconds_of_a_minute() -> list:
    source = random.Random(7)
    return [random_sample(MINUTE + second, source) for second in range(60)]


def test_a_minute_is_the_plain_sum_of_its_seconds():
    seconds = seconds_of_a_minute()
    batches = [batch(*seconds[start : start + 5], seq=start // 5 + 1) for start in range(0, 60, 5)]
    assert store(arrived(*batches)) == 1
    total = sum(seconds[1:], start=seconds[0])
    stored = Minute.objects.of_each_node().get().to_sample()
    assert (stored.messages, stored.latency_sketch) == (total.messages, total.latency_sketch)
    assert (stored.seconds, stored.cpu_percent.count, stored.cpu_percent.max) == (60, 60, total.cpu_percent.max)
    assert stored.cpu_percent.sum == pytest.approx(total.cpu_percent.sum)


def test_a_minute_does_not_depend_on_how_many_runs_it_arrives_in():
    seconds = seconds_of_a_minute()
    for start in range(0, 60, 5):
        store(arrived(batch(*seconds[start : start + 5], seq=start // 5 + 1)))
    stored = Minute.objects.of_each_node().get().to_sample()
    assert stored.messages == sum(second.messages for second in seconds)
    assert stored.latency_sketch.count == 600


def test_the_95th_percentile_of_a_minute_is_accurate_to_1_percent():
    source = random.Random(3)
    values = [source.lognormvariate(3, 1) for _ in range(1_200)]
    seconds = [sample(MINUTE + second, latency_sketch=Sketch.of(values[second::60])) for second in range(60)]
    store(arrived(batch(*seconds)))
    exact = sorted(values)[rank(0.95, len(values))]
    assert Minute.objects.of_each_node().get().to_sample().latency_sketch.quantile(0.95) == pytest.approx(
        exact, rel=0.01
    )


def test_samples_of_one_batch_may_belong_to_two_minutes():
    assert store(arrived(batch(sample(MINUTE + 59), sample(MINUTE + 60)))) == 2


@pytest.mark.parametrize("interval", [7, 35, 40, 45])
def test_an_interval_that_crosses_a_minutes_end_counts_on_both_sides(interval):
    samples = [
        sample(MINUTE + start, interval, messages=100 * interval, connections=3) for start in range(0, 3_600, interval)
    ]
    store(arrived(batch(*samples)))
    minutes = list(Minute.objects.of_each_node().between(timestamp(MINUTE), timestamp(MINUTE + 3_600)))
    assert [(one.messages, one.coverage) for one in minutes] == [(6_000, 60)] * 60
    assert {one.average("connections") for one in minutes} == {3}


def test_a_node_that_changes_its_host_within_a_minute_keeps_its_row():
    store(arrived(batch(sample(messages=1))))
    store(arrived(batch(sample(MINUTE + 1, messages=2), seq=2, host="other")))
    row = Minute.objects.of_each_node().get()
    assert (row.messages, row.host) == (3, "web")


def test_boots_of_a_node_keep_separate_minutes():
    store(arrived(batch(sample()), batch(sample(MINUTE + 30), boot="boot2")))
    assert [row.coverage for row in Minute.objects.of_each_node().in_order()] == [1, 1]


def test_the_fleets_minute_is_folded_from_those_of_all_nodes():
    store(arrived(batch(sample(connections=10, cpu_percent=30)), batch(sample(connections=5), node="db:1", boot="b2")))
    fleet = Minute.objects.of_fleet().get()
    assert (fleet.average("connections"), fleet.average("cpu_percent"), fleet.coverage) == (15, 30, 1)


def test_the_fleets_minute_is_folded_again_with_what_was_stored_before():
    store(arrived(batch(sample(connections=10, messages=1))))
    store(arrived(batch(sample(connections=5, messages=2), node="web:2", boot="boot2")))
    fleet = Minute.objects.of_fleet().get()
    assert (fleet.average("connections"), fleet.messages) == (15, 3)


def moving(moved_at: int) -> tuple[list, list]:
    """Ten clients that move from one node to another, second by second."""
    one = [sample(MINUTE + at, connections=10 if at < moved_at else 0) for at in range(60)]
    return one, [sample(MINUTE + at, connections=0 if at < moved_at else 10) for at in range(60)]


@pytest.mark.parametrize("cut", [60, 45, 30, 7])
def test_clients_that_move_to_another_node_are_not_doubled_whatever_comes_when(cut):
    one, other = moving(30)
    store(arrived(batch(*one[:cut])))
    store(arrived(batch(*other, node="web:2", boot="boot2")))
    if one[cut:]:
        store(arrived(batch(*one[cut:], seq=2)))
    fleet = Minute.objects.of_fleet().get()
    assert (fleet.connections_min, fleet.connections_max, fleet.bounded) == (10, 10, False)


def test_if_single_seconds_are_no_longer_kept_the_extremes_are_bounds():
    one, other = moving(30)
    store(arrived(batch(*one)))
    MinuteTrack.objects.all().delete()
    store(arrived(batch(*other, node="web:2", boot="boot2")))
    fleet = Minute.objects.of_fleet().get()
    assert (fleet.connections_max, fleet.bounded) == (20, True)


def test_data_that_arrives_after_its_seconds_were_deleted_leaves_bounds_too():
    one, other = moving(30)
    store(arrived(batch(*one[:30]), batch(*other, node="web:2", boot="boot2")))
    MinuteTrack.objects.all().delete()
    store(arrived(batch(*one[30:], seq=2)))
    assert Minute.objects.of_fleet().get().bounded


def test_changed_hours_wait_to_be_rolled_up():
    store(arrived(batch(sample(), sample(MINUTE + 3_600))))
    assert Pending.objects.epochs("hour") == [MINUTE // 3_600 * 3_600 + 3_600, MINUTE // 3_600 * 3_600]


def test_a_batch_without_samples_leaves_nothing_to_roll_up():
    store(arrived(batch(sessions=[session()])))
    assert not Pending.objects.exists()


def test_a_batch_that_was_appended_twice_is_stored_once():
    twice = batch(sample(messages=5))
    store(arrived(twice, twice))
    assert store(arrived(twice)) == 0
    assert Minute.objects.of_each_node().get().messages == 5


def test_batches_that_never_arrived_are_counted():
    store(arrived(batch(sample()), batch(sample(MINUTE + 15), seq=4)))
    assert (Node.objects.get().last_seq, Node.objects.get().missed) == (4, 2)


def test_a_nodes_first_and_last_sign_of_life_are_known():
    store(arrived(batch(sample()), at=MINUTE))
    store(arrived(batch(sample(), seq=2), at=MINUTE + 5))
    node = Node.objects.get()
    assert (node.first_seen, node.last_seen) == (timestamp(MINUTE), timestamp(MINUTE + 5))


def test_a_session_is_one_row_from_opening_to_closing():
    store(arrived(batch(sessions=[session()])))
    assert ClientSession.objects.get().is_open
    trips = Sketch.of([7.0]).encode()
    closed = session(disconnected_at=MINUTE + 9.0, messages=12, close_code=1000, ended="closed", latency_sketch=trips)
    store(arrived(batch(sessions=[closed], seq=2)))
    stored = ClientSession.objects.get()
    assert (stored.messages, stored.close_code, stored.duration.total_seconds()) == (12, 1000, 8)
    assert stored.latency_sketch == trips


def test_a_session_has_its_last_id_user_and_room():
    store(arrived(batch(sessions=[session(room="a")])))
    later = session(user="Ann", room="b")
    later.client_id = "ann"
    store(arrived(batch(sessions=[later], seq=2)))
    row = ClientSession.objects.get()
    assert (row.client_id, row.user, row.room) == ("ann", "Ann", "b")


def test_a_session_of_a_node_that_knows_no_users_has_none():
    store(arrived(batch(sessions=[session()])))
    assert (ClientSession.objects.get().user, ClientSession.objects.get().room) == (None, None)


def test_the_totals_of_an_open_session_are_unknown():
    store(arrived(batch(sessions=[session(messages=0)])))
    row = ClientSession.objects.get()
    assert (row.messages, row.bytes_received, row.bytes_sent) == (None, None, None)
    assert next(iter(ClientSession.objects.sort_keys("messages"))).value is None


def test_a_session_that_opens_and_closes_in_one_batch_is_closed():
    store(arrived(batch(sessions=[session(), session(disconnected_at=MINUTE + 2.0)])))
    assert not ClientSession.objects.get().is_open


def test_a_session_during_which_the_clock_was_set_uses_the_clock_of_its_end():
    two_days = 2 * 86_400
    store(arrived(batch(sessions=[session()])))
    ended = session(disconnected_at=MINUTE + two_days + 31)
    ended.connected_at += two_days
    store(arrived(batch(sessions=[ended], seq=2)))
    row = ClientSession.objects.get()
    assert (row.duration.total_seconds(), row.duration_bucket) == (30, 5)
    assert list(ClientSession.objects.open_at(timestamp(MINUTE + two_days + 10))) == [row]


def test_texts_are_truncated_to_what_a_column_holds():
    long = session()
    long.path = "/\0" + "x" * 300
    store(arrived(batch(sessions=[long])))
    assert ClientSession.objects.get().path == "/" + "x" * 254


def test_repeated_minutes_replace_what_was_stored_before():
    store(arrived(batch(sample(MINUTE, seconds=60, messages=100), sample(MINUTE + 60, seconds=60, messages=7))))
    assert store(arrived(batch(sample(MINUTE, seconds=30, messages=5), seq=2, renewed=[MINUTE]))) == 1
    rows = Minute.objects.of_each_node().in_order()
    assert [(row.messages, row.coverage) for row in rows] == [(5, 30), (7, 60)]
    assert [row.messages for row in Minute.objects.of_fleet().in_order()] == [5, 7]


def test_a_clock_that_was_set_is_marked_once_for_all_nodes_of_a_host():
    jumps = [ClockJump(MINUTE + 7_200.0, 7_199.996)]
    for number in (1, 2):
        store(arrived(batch(sample(), jumps=jumps, boot=f"boot{number}", node=f"web:{number}")))
    store(arrived(batch(sample(MINUTE + 60), jumps=[ClockJump(MINUTE + 60.0, -7_200.0)], seq=2)))
    assert [(marker.at.timestamp(), marker.text, marker.kind) for marker in Marker.objects.order_by("at")] == [
        (MINUTE + 0.004, "web: clock set forward by 2 h", "clock"),
        (MINUTE + 60, "web: clock set back by 2 h", "clock"),
    ]


def test_unreadable_seconds_block_nothing_and_leave_bounds():
    one, other = moving(30)
    store(arrived(batch(*one[:30]), batch(*other, node="web:2", boot="boot2")))
    MinuteTrack.objects.update(data=b"\x01torn")
    assert store(arrived(batch(*one[30:], seq=2))) == 1
    assert Minute.objects.of_fleet().get().bounded
