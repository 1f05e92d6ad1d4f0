import random
from pathlib import Path

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.core.stats.sample import Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Day, Hour, Minute, Node, Pending, PruneWatermark
from monitoring.storage import roll_up as module
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, arrived, batch, gauge, minute, random_sample, sample
from tests.site import running_site

pytestmark = pytest.mark.django_db
HOUR = Hour.start_of(MINUTE)
DAY = Day.start_of(MINUTE)


def lost(rows):
    raise OperationalError("the server went away")


def only(tier, node: str = "web:1") -> Sample:
    return tier.objects.of_nodes([node]).get().to_sample()


def test_an_hour_is_the_sum_of_its_minutes_and_a_day_of_its_hours():
    source = random.Random(5)
    samples = [random_sample(HOUR + offset, source) for offset in (0, 60, 3_599, 3_600)]
    store(arrived(batch(*samples)))
    assert str(roll_up()) == "rolled up 2 hours and 1 day"
    hour = Hour.objects.at([HOUR]).of_each_node().get()
    assert hour.to_sample().latency_sketch == sum((one.latency_sketch for one in samples[:3]), Sketch())
    assert (hour.messages, hour.coverage) == (sum(one.messages for one in samples[:3]), 3)
    assert only(Day).latency_sketch.count == 40
    assert (only(Day).start, only(Day).until) == (HOUR, HOUR + 3_601)


def test_the_fleets_hour_is_made_from_the_fleets_minutes():
    minute(HOUR, connections=10)
    minute(HOUR, connections=10, node="web:2")
    minute(HOUR + 60, connections=10)
    roll_up()
    fleet = only(Hour, "")
    assert (fleet.seconds, fleet.connections.average, fleet.connections.max) == (120, 15, 20)


def test_unchanged_hours_are_not_rebuilt():
    minute()
    roll_up()
    assert str(roll_up()) == "rolled up 0 hours and 0 days"


def test_what_does_not_fit_into_the_time_is_left_to_the_next_run():
    minute()
    assert str(roll_up(seconds=0)) == "rolled up 0 hours and 0 days"
    assert str(roll_up()) == "rolled up 1 hour and 1 day"


def test_a_late_minute_is_in_the_next_roll_up():
    minute(HOUR, boot="boot1", messages=1)
    roll_up()
    store(arrived(batch(sample(HOUR + 120, messages=5), sample(HOUR, messages=10))))
    roll_up()
    assert (only(Hour).messages, only(Day).messages) == (16, 16)


def test_a_late_minute_of_a_pruned_hour_is_added_to_it_once_and_removed():
    minute(HOUR, boot="boot1", messages=100, latency_sketch=Sketch.of([5.0]))
    roll_up()
    Minute.objects.all().delete()
    watermark = PruneWatermark.objects.get(tier="minute")
    watermark.move_to(HOUR + 3_600)
    late = batch(sample(HOUR, messages=7, latency_sketch=Sketch.of([9.0])))
    for _ in range(2):
        store(arrived(late))
        roll_up()
    assert (only(Hour).messages, only(Hour).latency_sketch) == (107, Sketch.of([5.0, 9.0]))
    assert (only(Hour, "").messages, only(Day).messages, only(Day, "").messages) == (107, 107, 107)
    assert not Minute.objects.exists()


def test_a_late_node_of_a_pruned_hour_joins_the_others():
    def whole_hour(node: str, connections: int):
        return arrived(batch(sample(HOUR, 3_600, connections=connections), node=node, boot=node))

    store(whole_hour("web:1", 10))
    roll_up()
    Minute.objects.all().delete()
    PruneWatermark.objects.get(tier="minute").move_to(HOUR + 3_600)
    store(whole_hour("web:2", 5))
    roll_up()
    for tier in (Hour, Day):
        assert (only(tier, "").connections.average, only(tier, "").connections.max) == (15, 15)


def test_an_hour_that_fits_no_column_blocks_no_other(caplog):
    minute(HOUR, messages=2**62)
    minute(HOUR + 60, messages=2**62, node="web:2")
    minute(HOUR - 3_600, messages=3, node="web:3")
    assert roll_up().hours == 1
    assert "Cannot roll up" in caplog.text
    assert not Pending.objects.exists()
    assert only(Hour, "web:3").messages == 3


def test_a_late_hour_of_a_pruned_day_is_added_to_it_once_and_removed():
    minute(HOUR, boot="boot1", messages=100)
    roll_up()
    Minute.objects.all().delete()
    Hour.objects.all().delete()
    PruneWatermark.objects.update(pruned_until=DAY + 86_400)
    store(arrived(batch(sample(HOUR, messages=7))))
    roll_up()
    assert (only(Day).messages, only(Day, "").messages) == (107, 107)
    assert not Hour.objects.exists()


def test_a_crash_in_the_middle_leaves_the_hour_to_the_next_run(monkeypatch):
    minute(messages=3)
    with monkeypatch.context() as patch:
        patch.setattr(Hour.objects, "upsert", lost)
        with pytest.raises(OperationalError):
            roll_up()
    roll_up()
    assert only(Hour).messages == 3


def test_a_second_simultaneous_run_leaves_an_hour_alone():
    minute(messages=3)
    [epoch] = Pending.objects.epochs("hour")
    assert Pending.objects.take("hour", epoch)
    assert module._renew("hour", epoch) is False


def test_minutes_stored_before_there_was_a_fleet_get_one():
    minute(HOUR, connections=10)
    minute(HOUR, connections=10, node="web:2")
    Minute.objects.of_fleet().delete()
    roll_up()
    assert Minute.objects.of_fleet().get().average("connections") == 20
    assert only(Hour, "").connections.average == 20


def test_days_hold_more_than_one_boot_of_a_node():
    minute(HOUR, boot="one", messages=1)
    minute(HOUR + 60, boot="two", messages=2)
    roll_up()
    assert sorted(Day.objects.of_each_node().values_list("boot", "messages")) == [("one", 1), ("two", 2)]


def test_simultaneous_runs_count_nothing_twice(tmp_path: Path, own_database):
    """Late minutes are added to pruned hours, so a minute that two runs took would count twice."""
    late = (
        "from tests.monitoring.batches import MINUTE, minute; from monitoring.models import PruneWatermark; "
        "[minute(MINUTE + hour * 3600, messages=1) for hour in range(80)]; "
        "PruneWatermark.objects.lock()['minute'].move_to(MINUTE + 81 * 3600)"
    )
    tasks = ("roll_up", "prune", "roll_up", "roll_up")
    with running_site(tmp_path, AVATAR_KEEP_HOURS="forever", **own_database) as site:
        site.migrate()
        site.shell(f"from django.db import transaction\nwith transaction.atomic(): {late}")
        runs = [
            site.spawn("manage.py", "shell", "-v", "0", "-c", f"from monitoring.tasks import *; {task}()")
            for task in tasks
        ]
        assert [run.wait(60) for run in runs] == [0] * len(runs), site.logs()
        count = "from monitoring.models import *; print(*(sum(row.messages for row in tier.objects.of_fleet()) "
        assert site.shell(count + "for tier in (Minute, Hour, Day)))") == "0 80 80", site.logs()


moments = st.integers(0, 3 * 3_600 - 1).map(lambda offset: HOUR + offset)
arrivals = st.lists(st.tuples(moments, st.sampled_from(["web:1", "web:2"]), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals)
def test_hours_and_days_do_not_depend_on_how_samples_arrive(some):
    for model in (Minute, Hour, Day, Pending, Node):
        model.objects.all().delete()
    for seq, (moment, node, rolls_up) in enumerate(some, 1):
        one = sample(moment, messages=1, connections=gauge(1, 3))
        store(arrived(batch(one, node=node, boot=node, seq=seq)))
        if rolls_up:
            roll_up()
    roll_up()
    step_by_step = figures()
    Hour.objects.all().delete()
    Day.objects.all().delete()
    Pending.objects.mark("hour", {Hour.start_of(moment) for moment, _, _ in some})
    roll_up()
    assert figures() == step_by_step
    assert [sum(row.messages for row in tier.objects.of_fleet()) for tier in (Hour, Day)] == [len(some)] * 2


def figures() -> list:
    rows = [row for tier in (Hour, Day) for row in tier.objects.in_order()]
    return [(row.node, row.epoch, row.coverage, row.connections_count, row.messages) for row in rows]
