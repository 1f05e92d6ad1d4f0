from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.core.records import Batch
from monitoring.models import Marker, Node
from monitoring.storage.rows import Arrival, store
from tests.monitoring.batches import MINUTE, batch, sample

pytestmark = pytest.mark.django_db

HOUR = 3_600.0
OLD = {"code": "1a2b3c4d5e6f", "python": "3.12.1", "redis": "6.4.0"}
NEW = {**OLD, "redis": "8.0.1"}
UP, DOWN = "redis-py 6.4.0 → 8.0.1", "redis-py 8.0.1 → 6.4.0"


def boots(at: float, versions: dict[str, str], node: str = "web:1", *, heard: float | None = None, **more) -> Batch:
    """Stores the first batch of a boot, which began `at` seconds after a moment and was heard then or later."""
    first = batch(
        sample(MINUTE + at), node=node, boot=f"{node} at {at}", versions=versions, says_when_leaving=True, **more
    )
    store([Arrival(MINUTE + (at + 5 if heard is None else heard), first)])
    return first


def leaves(first: Batch, at: float) -> None:
    last = batch(
        sample(MINUTE + at),
        node=first.node,
        boot=first.boot,
        seq=2,
        host=first.host,
        says_when_leaving=True,
        leaving=True,
    )
    store([Arrival(MINUTE + at, last)])


def texts() -> list[str]:
    return [marker.text for marker in Marker.objects.order_by("at", "id")]


def test_a_node_that_starts_with_another_version_leaves_a_marker_when_it_started():
    boots(0, OLD)
    boots(HOUR, NEW)
    marker = Marker.objects.get()
    assert (marker.kind, marker.text, marker.at) == ("version", UP, timestamp(MINUTE + HOUR))
    assert Node.objects.latest_start().versions == NEW


def test_the_first_start_ever_leaves_none():
    boots(0, OLD)
    assert texts() == []


def test_the_same_versions_leave_none():
    boots(0, OLD)
    boots(HOUR, OLD)
    assert texts() == []


def test_a_downgrade_leaves_one_too_and_so_does_the_next_upgrade_soon_after_it():
    for number, versions in enumerate((OLD, NEW, OLD, NEW)):
        boots(number * 120.0, versions)
    assert texts() == [UP, DOWN, UP]


def test_what_becomes_known_leaves_none_and_what_was_known_before_counts():
    boots(0, OLD)
    boots(HOUR, {})
    assert Node.objects.latest_start().versions is None
    boots(2 * HOUR, {**OLD, "celery": "5.5"})
    assert texts() == []
    boots(3 * HOUR, {})
    boots(4 * HOUR, NEW)
    assert texts() == [UP]


def test_nodes_that_are_deployed_together_leave_one_marker():
    for number in range(1, 9):
        boots(number, OLD, f"web:{number}")
    for number in range(1, 9):
        boots(HOUR + number * 30, NEW, f"web:{number}")
    assert texts() == [UP]


def test_a_slow_deployment_leaves_one_marker_too():
    for number in range(1, 9):
        boots(number, OLD, f"web:{number}")
    for number in range(1, 9):
        boots(HOUR + number * 600, NEW, f"web:{number}")
    assert texts() == [UP]


def test_the_same_change_of_another_node_a_day_later_leaves_another_marker():
    boots(0, OLD, "web:1")
    boots(1, OLD, "web:2")
    boots(HOUR, NEW, "web:1")
    boots(25 * HOUR, NEW, "web:2")
    assert texts() == [UP, UP]


def test_a_new_name_follows_its_host_and_a_new_host_the_site():
    leaves(boots(0, OLD, "a:1", host="a"), 60)
    boots(HOUR, NEW, "b:1", host="b")
    assert texts() == [UP]
    boots(2 * HOUR, {**OLD, "python": "3.13.0"}, "a:2", host="a")
    assert texts() == [UP, "Python 3.12.1 → 3.13.0"]


def test_one_more_node_of_versions_that_run_already_leaves_none():
    boots(0, OLD, "old:1", host="old")
    boots(HOUR, NEW, "new:1", host="new")
    boots(2 * HOUR, OLD, "other:1", host="other")
    assert texts() == [UP]


def test_containers_that_are_put_back_to_the_versions_before_leave_a_marker():
    old = boots(0, OLD, "c1:1", host="c1")
    leaves(old, HOUR)
    new = boots(HOUR, NEW, "c2:1", host="c2")
    leaves(new, 2 * HOUR)
    boots(2 * HOUR, OLD, "c3:1", host="c3")
    assert texts() == [UP, DOWN]


def test_a_boot_that_is_heard_late_counts_from_its_start():
    boots(0, OLD)
    boots(HOUR, NEW)
    boots(HOUR / 2, OLD, heard=HOUR + 60)
    assert texts() == [UP]


def test_a_clock_that_is_ahead_does_not_put_the_marker_into_the_future():
    boots(0, OLD)
    boots(HOUR + 9_000, NEW, heard=HOUR)
    assert Marker.objects.get().at == timestamp(MINUTE + HOUR)


def test_what_is_stored_twice_is_marked_once():
    boots(0, OLD)
    boots(HOUR, NEW)
    boots(HOUR, NEW)
    assert texts() == [UP]


def test_versions_of_any_length_are_bounded():
    boots(0, {f"library{number}": "1" * 900 for number in range(90)})
    boots(HOUR, {f"library{number}": "2" * 900 for number in range(90)})
    stored = Node.objects.latest_start().versions
    assert (len(stored), {len(version) for version in stored.values()}) == (40, {64})
    assert Marker.objects.get().text.endswith("and 39 more")


def test_a_site_of_many_nodes_asks_the_database_a_few_times_for_each_start(django_assert_max_num_queries):
    for number in range(20):
        boots(number, OLD, f"web:{number}")
    starts = [
        Arrival(MINUTE + HOUR, batch(node=f"web:{number}", boot=f"again {number}", versions=NEW))
        for number in range(20)
    ]
    with django_assert_max_num_queries(20 * 5 + 10):
        store(starts)
    assert texts() == [UP]
    assert Marker.objects.get().at <= timestamp(MINUTE + HOUR) + timedelta(seconds=1)
