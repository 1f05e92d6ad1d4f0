from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitoring.core.adaptive_interval import AdaptiveInterval, ladder, next_interval, percent, ticks_to_decide
from monitoring.core.meter import CostReading

STEPS = ladder(1.0)
wanted = st.sampled_from([0.1, 0.15, 0.5, 0.7, 1.0, 2.5, 7.0, 45.0, 60.0])
budgets = st.floats(0.01, 100)
costs = st.floats(0.001, 100_000)


def settled(pace: AdaptiveInterval, cpu_ms: float, ticks: int) -> list[float]:
    """The intervals after each of so many ticks that take `cpu_ms`."""
    return [pace.settle(CostReading(cpu_ms)).interval for _ in range(ticks)]


def test_each_step_is_about_twice_the_one_before():
    assert STEPS == (1.0, 2.0, 4.0, 6.0, 12.0, 20.0, 30.0, 60.0)
    assert ladder(0.1)[:5] == (0.1, 0.2, 0.25, 0.5, 1.0)
    assert ladder(60.0) == (60.0,)


@given(st.floats(0.1, 60))
def test_stretched_intervals_divide_a_minute_and_never_more_than_double(interval):
    steps = ladder(interval)
    assert steps[-1] == 60.0
    assert all(before < after <= 2 * before for before, after in pairwise(steps))
    assert all(60 / step == pytest.approx(round(60 / step)) for step in steps[1:])


def test_a_tick_of_ten_milliseconds_a_second_is_one_per_cent():
    assert (percent(10, 1.0), percent(10, 2.0)) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("current", "cpu_ms", "budget", "expected"),
    [
        (1.0, 9.9, 1.0, 1.0),  # within
        (1.0, 10.0, 1.0, 1.0),  # at the budget is not beyond it
        (1.0, 10.1, 1.0, 2.0),
        (2.0, 20.1, 1.0, 4.0),
        (2.0, 8.0, 1.0, 2.0),  # would fit, but not with a margin
        (2.0, 7.0, 1.0, 1.0),
        (4.0, 1.0, 1.0, 2.0),  # one step at a time
        (60.0, 1e6, 1.0, 60.0),  # there is no longer one
        (1.0, 0.0, 1.0, 1.0),  # nor one shorter than wanted
        (1.0, 400.0, 50.0, 1.0),
    ],
)
def test_the_next_interval(current, cpu_ms, budget, expected):
    assert next_interval(STEPS, current, cpu_ms, budget) == expected


@given(wanted, budgets, costs, st.data())
def test_on_a_constant_load_it_settles_and_never_swings(interval, budget, cpu_ms, data):
    """Whether a tick costs the same at any interval or, in part, more the longer it gathers; wherever it begins."""
    steps = ladder(interval)
    per_second = data.draw(st.floats(0, 1000))
    current = data.draw(st.sampled_from(steps))
    path = [current]
    for _ in range(2 * len(steps)):
        current = next_interval(steps, current, cpu_ms + per_second * current, budget)
        path.append(current)
    assert path in (sorted(path), sorted(path, reverse=True))
    assert path[-1] == path[-2]


@given(budgets, costs)
def test_where_it_settles_the_budget_holds_unless_there_is_no_longer_interval(budget, cpu_ms):
    pace = AdaptiveInterval(1.0, budget)
    interval = settled(pace, cpu_ms, 100)[-1]
    assert percent(cpu_ms, interval) <= budget or interval == 60.0


@given(budgets, costs, st.lists(st.floats(0.9, 1.1), min_size=60, max_size=60))
def test_a_load_that_varies_by_a_tenth_does_not_make_it_swing(budget, cpu_ms, noise):
    pace = AdaptiveInterval(1.0, budget)
    path = [pace.settle(CostReading(cpu_ms * factor)).interval for factor in noise]
    assert path == sorted(path)


def test_one_costly_tick_changes_nothing():
    pace = AdaptiveInterval(1.0, 1.0)
    assert settled(pace, 1.0, 9) + settled(pace, 50.0, 1) + settled(pace, 1.0, 20) == [1.0] * 30


def test_a_lasting_load_changes_it_after_ten_ticks():
    assert settled(AdaptiveInterval(1.0, 1.0), 15.0, 12) == [1.0] * 9 + [2.0] * 3


def test_long_intervals_are_judged_by_fewer_ticks():
    assert [ticks_to_decide(interval) for interval in (0.1, 1.0, 3.0, 4.0, 6.0, 60.0)] == [10, 10, 10, 8, 5, 3]


@given(costs)
def test_from_the_longest_interval_it_is_back_within_ten_minutes(cpu_ms):
    assume(percent(cpu_ms, 1.0) > 30)
    pace = AdaptiveInterval(1.0, 1.0)
    settled(pace, max(cpu_ms, 1000.0), 100)
    assert pace.interval == 60.0
    seconds = 0.0
    while pace.stretched:
        seconds += pace.interval
        pace.settle(CostReading(0.5))
    assert seconds < 600


def test_the_cost_says_what_was_measured_and_what_became_of_the_interval():
    pace = AdaptiveInterval(1.0, 1.0)
    settled(pace, 20.0, 9)
    cost = pace.settle(CostReading(20.0, 500, 3.0, 4.0))
    assert (cost.cpu_ms, cost.cpu_percent, cost.budget_percent) == (20.0, 2.0, 1.0)
    assert (cost.bytes_broadcast, cost.tick_lag_ms, cost.loop_lag_ms) == (500, 3.0, 4.0)
    assert (cost.interval, cost.stretched) == (2.0, True)


def test_before_the_first_tick_nothing_was_spent():
    pace = AdaptiveInterval(1.0, 1.0)
    assert settled(pace, 0.0, 50) == [1.0] * 50
    assert pace.cpu_percent is None
