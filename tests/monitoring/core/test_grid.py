import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.grid import Grid, in_a_minute, last_end, until_next

T0 = 1_700_000_040.0
intervals = st.sampled_from([0.1, 0.25, 0.5, 0.7, 1.0, 2.0, 2.5, 5.0, 7.0, 11.3, 13.0, 19.0, 45.0, 60.0])


@given(intervals, st.floats(0, 0.999), st.lists(st.floats(0.01, 7), min_size=1, max_size=50))
def test_spans_of_jittered_late_and_missed_ticks_tile_the_time_axis(interval, phase, pauses):
    now = T0 + phase * interval
    grid = Grid(interval, now, now - T0)
    end = None
    for pause in pauses:
        now += pause * interval
        start, seconds = grid.span(now, now - T0)
        assert end is None or start == pytest.approx(end, abs=0.0021)
        assert seconds >= 0
        assert start + seconds <= now + 0.11 * interval + 1e-3
        end = start + seconds
    assert end > now - 1.51 * interval


@given(st.floats(0, 0.999), st.lists(st.floats(-0.09, 0.8), min_size=120, max_size=120))
def test_one_tick_a_second_gives_every_second_of_a_minute_once(phase, jitters):
    grid = Grid(1.0, T0 + phase, phase)
    spans = [grid.span(T0 + second + jitter, second + jitter) for second, jitter in enumerate(jitters, start=2)]
    covered = [start + i for start, seconds in spans for i in range(int(seconds))]
    assert covered == sorted(set(covered))
    assert set(range(int(T0) + 60, int(T0) + 120)) <= set(covered)


@given(intervals, st.floats(0, 1000))
def test_the_next_tick_is_at_most_an_interval_and_a_half_away(interval, offset):
    now = T0 + offset
    assert 0 < until_next(now, interval) <= 1.6 * interval + 1e-6


@given(intervals, st.floats(0, 1000))
def test_the_first_interval_is_at_least_half_an_interval(interval, offset):
    now = T0 + offset
    pause = Grid(interval, now, 0).until_next(now)
    assert 0.5 * interval - 1e-6 <= pause <= 2 * interval


def test_the_first_sample_covers_only_the_monitored_time():
    grid = Grid(1.0, T0 + 0.3, 0.3)
    assert grid.span(T0 + 1.01, 1.01) == (T0 + 0.3, 0.7)
    assert grid.span(T0 + 2.01, 2.01) == (T0 + 1, 1.0)


@given(intervals, st.floats(0, 59), st.floats(0, 0.05))
def test_no_interval_crosses_a_minutes_edge(interval, phase, late):
    now = T0 + phase
    grid = Grid(interval, now, now - T0)
    covered = 0.0
    now += grid.until_next(now)
    grid.span(now, now - T0)
    while now < T0 + 240:
        now += grid.until_next(now) + late * interval
        start, seconds = grid.span(now, now - T0)
        assert (start - T0) // 60 == (start + seconds - 1e-3 - T0) // 60
        covered += seconds * (T0 + 120 <= start < T0 + 180)
    assert covered == pytest.approx(60)


@pytest.mark.parametrize(
    ("interval", "ends"),
    [(7.0, [7, 14, 21, 28, 35, 42, 49, 56, 60]), (19.0, [19, 38, 60]), (45.0, [60]), (20.0, [20, 40, 60])],
)
def test_a_minute_ends_with_an_interval_of_any_length(interval, ends):
    assert in_a_minute(interval) == len(ends)
    assert sorted({last_end(T0 + second, interval) - T0 for second in range(1, 61)} - {0}) == ends


def test_a_slightly_early_tick_counts_as_the_intervals_end():
    grid = Grid(1.0, T0, 0)
    assert grid.span(T0 + 0.95, 0.95) == (T0, 1.0)
    assert grid.until_next(T0 + 0.95) == pytest.approx(1.05)


def test_a_tick_within_the_interval_covers_nothing():
    grid = Grid(1.0, T0, 0)
    assert grid.span(T0 + 0.5, 0.5) == (T0, 0.0)
    assert grid.span(T0 + 1.0, 1.0) == (T0, 1.0)


def test_missed_ticks_are_covered_by_the_next_one():
    assert Grid(1.0, T0, 0).span(T0 + 4.2, 4.2) == (T0, 4.0)


def test_a_clock_set_forward_leaves_the_gap_uncovered():
    grid = Grid(1.0, T0, 0)
    assert grid.span(T0 + 3601.0, 1.0) == (T0 + 3600, 1.0)


def test_a_clock_set_back_is_followed_from_the_next_sample_on():
    grid = Grid(1.0, T0, 0)
    grid.span(T0 + 10.0, 10.0)
    assert grid.span(T0 + 5.0, 11.0) == (T0 + 4, 1.0)
    assert grid.span(T0 + 6.0, 12.0) == (T0 + 5, 1.0)


def test_a_clock_set_back_slightly_covers_no_second_twice():
    grid = Grid(1.0, T0, 0)
    grid.span(T0 + 10.0, 10.0)
    assert grid.span(T0 + 10.0, 11.0) == (T0 + 10, 0.0)


@pytest.mark.parametrize("interval", [0.25, 1.0])
def test_only_the_time_that_passed_is_covered_wherever_the_steady_clock_began(interval):
    grid = Grid(interval, T0, 500.0)
    assert grid.span(T0 + 3600 + interval, 500 + interval) == (T0 + 3600, interval)
    assert grid.span(T0 + 3600 + 2 * interval, 500 + 2 * interval) == (T0 + 3600 + interval, interval)


def test_a_clock_set_back_between_two_ticks_covers_only_the_time_that_passed():
    grid = Grid(1.0, T0, 500.0)
    grid.span(T0 + 10.0, 510.0)
    assert grid.span(T0 + 5.0, 510.6) == (T0 + 4.4, 0.6)


def test_starts_and_lengths_are_given_to_the_millisecond():
    assert Grid(1.0, T0 + 1 / 3, 0).span(T0 + 1.0, 2 / 3) == (T0 + 0.333, 0.667)


def test_another_interval_begins_where_the_last_sample_ended():
    grid = Grid(1.0, T0, 0)
    grid.span(T0 + 1.0, 1.0)
    grid.change(2.0)
    assert grid.until_next(T0 + 1.0) == pytest.approx(1.0)
    assert grid.span(T0 + 2.0, 2.0) == (T0 + 1, 1.0)
    assert grid.span(T0 + 4.0, 4.0) == (T0 + 2, 2.0)
