import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.sample import (
    BREAKDOWNS,
    COUNTERS,
    FIELDS,
    GAUGES,
    LEVELS,
    OWN,
    SKETCHES,
    WHEN,
    Gauge,
    OwnLevel,
    Sample,
)
from monitoring.core.stats.sketch import Sketch

readings = st.lists(st.integers(0, 1000).map(float), max_size=10)


def gauge(values: list[float]) -> Gauge:
    total = Gauge()
    for value in values:
        total.add(value)
    return total


def sample(start: float = 0.0, **values: object) -> Sample:
    return Sample(start, 1.0, **values)


samples = st.builds(
    Sample,
    st.integers(0, 100).map(float),
    messages=st.integers(0, 10),
    cpu_percent=st.builds(gauge, readings),
    latency_sketch=st.builds(Sketch.of, readings),
)


@given(readings, readings)
def test_a_merged_gauge_covers_all_readings(one, other):
    assert gauge(one) + gauge(other) == gauge(one + other)


def test_a_gauge_knows_average_minimum_and_maximum():
    total = gauge([4.0, 1.0, 7.0])
    assert (total.average, total.min, total.max, total.count) == (4.0, 1.0, 7.0, 3)


def test_a_gauge_without_readings_has_no_average_and_changes_nothing():
    assert Gauge().average is None
    assert Gauge.of(None) == Gauge()
    assert Gauge.of(3.0) + Gauge() == Gauge(1, 3.0, 3.0, 3.0)


@given(samples, samples)
def test_the_order_of_two_samples_does_not_matter(a, b):
    assert a + b == b + a


@given(samples, samples, samples)
def test_the_grouping_of_samples_does_not_matter(a, b, c):
    assert (a + b) + c == a + (b + c)


def test_sixty_seconds_make_a_minute():
    seconds = [sample(60.0 + i, messages=2, bytes_sent=i, connections=Gauge.of(float(i))) for i in range(60)]
    minute = sum(seconds[1:], start=seconds[0])
    assert (minute.start, minute.seconds, minute.messages, minute.bytes_sent) == (60.0, 60.0, 120, 1770)
    assert (minute.connections.min, minute.connections.max, minute.connections.average) == (0.0, 59.0, 29.5)


def test_the_percentile_of_a_merge_covers_all_round_trips():
    fast, slow = sample(latency_sketch=Sketch.of([10.0] * 94)), sample(latency_sketch=Sketch.of([500.0] * 6))
    assert (fast + slow).latency_sketch.quantile(0.95) == pytest.approx(500, rel=0.01)


def test_it_survives_msgpack_even_without_a_single_reading():
    for one in (sample(), sample(cpu_percent=Gauge.of(5.0), latency_sketch=Sketch.of([1.0, 2.0]))):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Sample) == one
    assert math.isinf(sample().cpu_percent.min)


def test_a_sample_of_another_release_may_lack_a_field_or_have_another():
    data = msgspec.msgpack.encode(
        {"start": 60.0, "seconds": 1.0, "messages": 3, "later": 5, "fps": [1, 60.0, 60.0, 60.0]}
    )
    assert msgspec.msgpack.decode(data, type=Sample) == sample(60.0, messages=3, fps=Gauge.of(60.0))


def test_it_is_written_by_the_names_of_its_fields():
    written = msgspec.msgpack.decode(msgspec.msgpack.encode(sample()))
    assert {*written} == {*FIELDS, *WHEN, OWN, BREAKDOWNS}


def test_two_samples_have_all_that_either_counted():
    one = sample(**{name: number for number, name in enumerate(COUNTERS, start=1)})
    for name in GAUGES:
        setattr(one, name, Gauge.of(5.0))
    for name in SKETCHES:
        setattr(one, name, Sketch.of([5.0]))
    both = one + sample(1.0)
    assert (both.start, both.seconds, both.end, both.bounded) == (0.0, 2.0, 2.0, False)
    assert all(getattr(both, name) == getattr(one, name) for name in FIELDS)


@pytest.mark.parametrize(("seconds", "readings"), [(0.2, 1), (1.0, 1), (1.4, 1), (5.0, 5)])
def test_a_level_counts_for_each_second_and_what_clients_measured_once(seconds, readings):
    one = Sample(0.0, seconds, **{name: Gauge.of(3.0) for name in GAUGES})
    one.repeat_levels()
    assert {name for name in GAUGES if getattr(one, name) == Gauge(readings, 3.0 * readings, 3.0, 3.0)} >= {*LEVELS}
    assert all(getattr(one, name) == Gauge.of(3.0) for name in GAUGES if name not in LEVELS)


def test_gauges_of_a_project_are_added_by_their_names():
    one = Sample(0, seconds=1, gauges={"orders": OwnLevel(1, 3.0, 3.0, 3.0, added=True)})
    other = Sample(
        1, seconds=1, gauges={"orders": OwnLevel(1, 5.0, 5.0, 5.0, added=True), "hits": OwnLevel(1, 1, 1, 1)}
    )
    total = one + other
    assert total.gauges == {"orders": OwnLevel(2, 8.0, 3.0, 5.0, added=True), "hits": OwnLevel(1, 1, 1, 1)}
    assert one.gauges == {"orders": OwnLevel(1, 3.0, 3.0, 3.0, added=True)}
    assert (total.gauge("orders").average, total.gauge("unheard_of").average) == (4, None)


def test_gauges_of_a_project_survive_the_wire():
    one = Sample(0, gauges={"orders": OwnLevel(2, 8.0, 3.0, 5.0, added=True, bounded=True)})
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Sample) == one
