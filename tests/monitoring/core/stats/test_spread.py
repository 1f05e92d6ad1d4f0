import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.sample import COUNTERS, GAUGES, LEVELS, OCCASIONAL, SKETCHES, Gauge, OwnLevel
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.spread import LONGEST, spread
from tests.monitoring.batches import MINUTE, gauge, sample


@pytest.mark.parametrize("seconds", [0, 0.2, 1])
def test_a_sample_of_at_most_a_second_stays_as_it_is(seconds):
    one = sample(seconds=seconds, messages=3)
    assert spread(one) == [one]


def test_a_sample_of_five_seconds_becomes_five_of_one():
    parts = spread(sample(seconds=5.0, messages=10, connections=4))
    assert [part.start for part in parts] == [MINUTE + second for second in range(5)]
    assert [part.messages for part in parts] == [2] * 5
    assert [part.connections.average for part in parts] == [4] * 5


def test_seconds_are_those_of_the_clock_wherever_the_sample_begins():
    parts = spread(sample(MINUTE + 0.5, seconds=2.0, messages=8))
    assert [(part.start, part.until, part.messages) for part in parts] == [
        (MINUTE + 0.5, MINUTE + 1, 2),
        (MINUTE + 1, MINUTE + 2, 4),
        (MINUTE + 2, MINUTE + 2.5, 2),
    ]


@given(
    st.floats(0, 1), st.floats(0.1, 70), st.lists(st.integers(0, 10**9), min_size=len(COUNTERS), max_size=len(COUNTERS))
)
def test_nothing_is_lost_and_nothing_added(offset, seconds, counts):
    latencies = [5.0, 7.0]
    measured = {"latency_ms": gauge(*latencies), "latency_sketch": Sketch.of(latencies)}
    whole = sample(MINUTE + offset, seconds=seconds, **dict(zip(COUNTERS, counts, strict=True)), **measured)
    parts = spread(whole)
    assert [sum(getattr(part, name) for part in parts) for name in COUNTERS] == [*counts]
    assert sum(part.seconds for part in parts) == pytest.approx(seconds, abs=1e-4)
    assert sum(part.latency_ms.count for part in parts) == sum(part.latency_sketch.count for part in parts) == 2


def test_levels_are_repeated_and_occasional_measurements_go_to_the_first_second():
    whole = sample(seconds=3.0, **dict.fromkeys(GAUGES, gauge(2.0, 2.0, 2.0)))
    for name in SKETCHES:
        setattr(whole, name, Sketch.of([5.0]))
    whole.bounded = True
    first, *rest = spread(whole)
    assert all(getattr(part, name) == gauge(2.0) for part in (first, *rest) for name in LEVELS)
    assert all(getattr(first, name) == getattr(whole, name) for name in OCCASIONAL)
    assert all(not bool(getattr(part, name).count) for part in rest for name in OCCASIONAL)
    assert [part.bounded for part in (first, *rest)] == [True] * 3


def test_a_very_long_sample_stays_whole():
    assert len(spread(sample(seconds=LONGEST + 1))) == 1


def test_unmeasured_values_stay_unmeasured():
    assert {part.cpu_percent.count for part in spread(sample(seconds=3.0))} == {0}


def test_stretches_may_be_longer_than_a_second():
    parts = spread(sample(MINUTE + 50, seconds=80.0, messages=80), width=60)
    assert [(part.start, part.until, part.messages) for part in parts] == [
        (MINUTE + 50, MINUTE + 60, 10),
        (MINUTE + 60, MINUTE + 120, 60),
        (MINUTE + 120, MINUTE + 130, 10),
    ]


def test_a_sample_within_one_stretch_stays_as_it_is():
    one = sample(MINUTE + 50, seconds=10.0, messages=10)
    assert spread(one, width=60) == [one]


def test_a_sample_of_two_stretches_is_divided():
    assert [part.messages for part in spread(sample(MINUTE + 0.5, seconds=1.5, messages=3))] == [1, 2]


def test_the_longest_sample_is_divided():
    assert len(spread(sample(seconds=float(LONGEST)))) == LONGEST


def test_occasional_measurements_are_in_the_first_stretch_alone():
    measured = {"fps": gauge(30, 60), "latency_ms": gauge(5, 7), "frame_time_sketch": Sketch.of([16.0])}
    first, second = spread(sample(seconds=2.0, latency_sketch=Sketch.of([5.0, 7.0]), **measured))
    assert {name: getattr(first, name) for name in measured} == measured
    assert (second.fps, second.latency_ms) == (Gauge(), Gauge())
    assert (second.frame_time_sketch, second.latency_sketch) == (Sketch(), Sketch())


def test_levels_keep_their_lowest_and_highest_and_share_their_readings():
    parts = spread(sample(seconds=3.0, connections=gauge(*range(60))))
    assert [part.connections for part in parts] == [Gauge(20, 29.5 * 20, 0, 59)] * 3


def test_every_stretch_has_a_reading_of_a_level():
    assert [part.connections.count for part in spread(sample(seconds=5.0, connections=4))] == [1] * 5


def test_gauges_of_a_project_are_levels_too():
    whole = sample(0, 3, gauges={"orders": OwnLevel(3, 12.0, 4.0, 4.0, added=True)})
    assert [piece.gauges for piece in spread(whole)] == [{"orders": OwnLevel(1, 4.0, 4.0, 4.0, added=True)}] * 3
