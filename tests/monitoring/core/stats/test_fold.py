import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.fold import NodeSample, fold, is_side_by_side
from monitoring.core.stats.sample import FIELDS, GAUGES, Gauge, OwnLevel, Sample
from monitoring.core.stats.sketch import Sketch
from tests.monitoring.batches import gauge, sample


def part(start: float = 0, seconds: float = 60, *, node: str = "web:1", host: str = "web", **values) -> NodeSample:
    return NodeSample(node, host, sample(start, seconds, **values))


def test_every_field_of_a_sample_has_a_rule():
    assert {*FIELDS} == {field.name for field in msgspec.structs.fields(Sample)} - {
        "start",
        "seconds",
        "end",
        "bounded",
        "gauges",
        "breakdowns",
    }


def test_counts_by_label_are_added():
    whole = fold([part(breakdowns={"verdicts": {"fine": 2}}), part(breakdowns={"verdicts": {"fine": 1, "hidden": 3}})])
    assert whole.breakdowns == {"verdicts": {"fine": 3, "hidden": 3}}


def test_it_folds_only_the_requested_fields():
    whole = fold([part(connections=1, messages=1), part(connections=2, messages=2)], ["connections"])
    assert (whole.connections.average, whole.messages) == (3, 0)


def test_counters_are_added_and_sketches_merged():
    whole = fold([part(messages=60, latency_sketch=Sketch.of([5.0])), part(messages=30, latency_sketch=Sketch.of([9]))])
    assert (whole.messages, whole.latency_sketch) == (90, Sketch.of([5.0, 9.0]))


def test_clients_are_added_over_nodes():
    whole = fold([part(connections=gauge(10, 20)), part(connections=gauge(1, 3))])
    assert (whole.connections.average, whole.connections.min, whole.connections.max) == (17, 11, 23)


def test_additive_values_have_the_readings_of_one_node():
    assert fold([part(connections=gauge(*range(60)))] * 4).connections.count == 60


def test_a_node_and_its_successor_count_as_one():
    whole = fold([part(0, 25, connections=10), part(25, 35, connections=10)])
    assert (whole.seconds, whole.connections.average, whole.connections.max) == (60, 10, 10)


def test_four_nodes_heard_for_three_seconds_are_still_four():
    whole = fold([part(0, 3, connections=10)] * 4)
    assert (whole.seconds, whole.connections.average) == (3, 40)


def test_a_late_node_counts_for_its_share_of_the_time():
    whole = fold([part(connections=10, messages=60), part(30, 30, connections=10, messages=30)])
    assert (whole.seconds, whole.connections.average) == (60, 15)
    assert (whole.connections.min, whole.connections.max, whole.bounded) == (10, 20, False)
    assert whole.messages / whole.seconds == 1.5


def test_lost_seconds_lower_the_coverage_but_not_the_clients():
    torn = sample(0, 15, connections=10) + sample(45, 15, connections=10)
    whole = fold([part(connections=10), NodeSample("web:2", "web", torn)])
    assert (whole.seconds, whole.connections.average) == (45, 20)


def test_a_short_peak_of_one_node_is_a_peak_of_the_whole():
    assert fold([part(0, 3_600, connections=10), part(0, 60, connections=500)]).connections.max == 510


def test_the_lowest_of_a_lone_successor_is_the_lowest_of_the_whole():
    before = part(0, 20, connections=100)
    after = NodeSample("web:2", "web", sample(20, 20, connections=0) + sample(40, 20, connections=100))
    assert fold([before, after]).connections.min == 0


def test_if_nodes_went_up_and_down_together_the_extremes_are_bounds():
    whole = fold([part(connections=gauge(0, 10)), part(connections=gauge(10, 0))])
    assert (whole.connections.min, whole.connections.max, whole.bounded) == (0, 20, True)
    assert not fold([part(connections=10), part(connections=5)]).bounded
    assert not fold([part(0, 25, connections=gauge(3, 10)), part(25, 35, connections=gauge(10, 3))]).bounded


def test_within_one_second_additive_values_are_added_by_their_averages():
    whole = fold([part(0, 1, connections=gauge(4, 6)), part(0, 1, connections=gauge(8, 8))])
    assert (whole.connections.min, whole.connections.max, whole.bounded) == (13, 13, False)


def test_bounds_stay_bounds():
    assert (sample(bounded=True) + sample()).bounded
    assert fold([part(bounded=True), part(bounded=False)]).bounded


def test_cpu_is_averaged_over_hosts_however_many_nodes_they_have():
    whole = fold([part(cpu_percent=90), part(cpu_percent=90), part(cpu_percent=10, host="db")])
    assert (whole.cpu_percent.average, whole.cpu_percent.min, whole.cpu_percent.max) == (50, 10, 90)


def test_network_and_memory_are_added_over_hosts_but_not_over_their_nodes():
    whole = fold([part(network_sent_rate=2), part(network_sent_rate=2), part(network_sent_rate=1, host="db")])
    assert whole.network_sent_rate.average == 3


def test_latency_counts_each_reading_once():
    whole = fold([part(latency_ms=gauge(10, 10, 10)), part(latency_ms=50)])
    assert (whole.latency_ms.average, whole.latency_ms.min, whole.latency_ms.max) == (20, 10, 50)


def test_an_unreadable_node_does_not_lower_the_others():
    assert fold([part(cpu_percent=40), part(host="db")]).cpu_percent.average == 40
    assert fold([part(), part()]).cpu_percent == Gauge()


def test_parts_that_cover_no_time_cause_no_division_by_zero():
    whole = fold([part(0, 0, connections=3, messages=5), part(0, 0, connections=4)])
    assert (whole.seconds, whole.messages, whole.connections.average) == (0, 5, 7)


spans = st.tuples(st.integers(0, 59), st.integers(1, 60)).map(lambda pair: (pair[0], min(pair[1], 60 - pair[0])))
parts = st.builds(
    lambda span, host, readings, messages: part(
        *span, host=host, messages=messages, **{name: gauge(*readings) for name in GAUGES}
    ),
    spans,
    st.sampled_from(["web", "db"]),
    st.lists(st.integers(0, 100).map(float), max_size=4),
    st.integers(0, 100),
)


@given(st.lists(parts, min_size=1, max_size=5), st.randoms())
def test_the_order_of_the_parts_does_not_matter(some, source):
    one, other = fold(some), fold(source.sample(some, len(some)))
    assert (one.start, one.end, one.seconds) == (other.start, other.end, pytest.approx(other.seconds))
    for name in GAUGES:
        assert getattr(one, name).count == getattr(other, name).count
        assert getattr(one, name).sum == pytest.approx(getattr(other, name).sum)


@given(st.lists(parts, min_size=1, max_size=5))
def test_nothing_is_lost_and_averages_lie_within_their_bounds(some):
    whole = fold(some)
    assert whole.messages == sum(one.sample.messages for one in some)
    assert 0 <= whole.seconds <= 60
    for name in GAUGES:
        found = getattr(whole, name)
        assert (found.count > 0) == any(getattr(one.sample, name).count for one in some)
        assert not found.count or found.min - 1e-9 <= found.average <= found.max + 1e-9
        assert math.isfinite(found.sum)


@given(parts, st.integers(2, 5))
def test_n_equal_nodes_have_n_times_the_clients_and_the_same_cpu(one, nodes):
    whole = fold([one] * nodes)
    assert whole.seconds == one.sample.seconds
    if one.sample.connections.count:
        assert whole.connections.average == pytest.approx(one.sample.connections.average * nodes)
        assert whole.cpu_percent.average == pytest.approx(one.sample.cpu_percent.average)
        assert whole.network_sent_rate.average == pytest.approx(one.sample.network_sent_rate.average)


def test_the_whole_lasts_from_the_first_start_to_the_last_end():
    whole = fold([part(30, 10), part(0, 20), part(5, 5)])
    assert (whole.start, whole.end) == (0, 40)


def test_seconds_are_given_to_the_millisecond():
    assert fold([part(0, 1 / 3), part(0, 2 / 3)]).seconds == 0.667


def test_beyond_one_second_additive_values_are_bounds():
    whole = fold([part(0, 1.5, connections=gauge(4, 6)), part(0, 1.5, connections=gauge(8, 8))])
    assert (whole.connections.min, whole.connections.max, whole.bounded) == (12, 14, True)


def test_averages_have_the_readings_of_one_host():
    together = [part(cpu_percent=gauge(*range(60)), host=host) for host in ("web", "db")]
    assert fold(together).cpu_percent.count == 60
    one_after_the_other = [
        part(0, 20, cpu_percent=gauge(*range(20))),
        part(20, 40, cpu_percent=gauge(*range(40)), host="db"),
    ]
    assert fold(one_after_the_other).cpu_percent.count == 60


def test_one_reading_of_each_node_is_one_reading_of_the_whole():
    assert fold([part(0, 1, connections=4), part(0, 1, connections=8)]).connections == Gauge(1, 12, 12, 12)


def test_nodes_that_overlap_for_less_than_a_millisecond_were_not_there_together():
    clients = fold([part(0, 30.0004, connections=10), part(30, 30, connections=10)]).connections
    assert (clients.min, clients.max) == (10, pytest.approx(10, abs=0.01))


def test_less_than_a_millisecond_without_the_other_node_is_no_lowest():
    clients = fold([part(0, 30, connections=10), part(0, 30.0005, connections=10)]).connections
    assert clients.min == pytest.approx(20, abs=0.01)


def test_a_peak_of_one_node_counts_however_short_the_time():
    assert fold([part(0, 60, connections=10), part(59.9995, 0.001, connections=500)]).connections.max == 500


def test_only_what_several_nodes_or_hosts_have_read_is_side_by_side():
    one_host = [part(connections=1, network_sent_rate=1), part(connections=2, network_sent_rate=2)]
    assert is_side_by_side("connections", one_host)
    assert not is_side_by_side("network_sent_rate", one_host)
    assert is_side_by_side("network_sent_rate", [*one_host, part(network_sent_rate=3, host="db")])
    assert not is_side_by_side("network_sent_rate", [*one_host, part(host="db")])
    assert not is_side_by_side("connections", [part(connections=1), part()])


def own(*values: float, **flags: bool) -> OwnLevel:
    whole = gauge(*values)
    return OwnLevel(whole.count, whole.sum, whole.min, whole.max, **flags)


def test_a_project_s_gauge_is_averaged_over_the_nodes_that_have_it():
    parts = [part(gauges={"hits": own(50.0)}), part(gauges={"hits": own(100.0)}), part()]
    hits = fold(parts).gauges["hits"]
    assert (hits.average, hits.min, hits.max, hits.bounded) == (75, 50, 100, False)


def test_a_project_s_gauge_is_added_if_it_says_so():
    parts = [part(gauges={"orders": own(3.0, added=True)}), part(gauges={"orders": own(-5.0, added=True)})]
    orders = fold(parts).gauges["orders"]
    assert (orders.average, orders.min, orders.max, orders.added, orders.bounded) == (-2, -2, -2, True, False)


def test_extremes_of_an_added_gauge_over_longer_times_are_bounds_of_it_alone():
    levels = {"orders": own(1.0, 9.0, added=True), "hits": own(1.0, 9.0)}
    whole = fold([part(seconds=60, connections=1, gauges=levels) for _ in range(2)])
    orders, hits = whole.gauges["orders"], whole.gauges["hits"]
    assert (orders.average, orders.min, orders.max, orders.bounded) == (10, 2, 18, True)
    assert (hits.average, hits.min, hits.max, hits.bounded) == (5, 1, 9, False)
    assert not whole.bounded


def test_it_folds_only_the_requested_gauges_of_a_project():
    parts = [part(connections=1, gauges={"hits": own(1.0), "orders": own(2.0)}) for _ in range(2)]
    whole = fold(parts, ["orders", "unheard_of"])
    assert (list(whole.gauges), whole.connections.count) == (["orders"], 0)
