import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.sample import Gauge
from monitoring.core.sketch import Sketch
from monitoring.core.window import LatencyWindow


def interval(*values: float) -> tuple[Gauge, Sketch]:
    gauge = Gauge()
    for value in values:
        gauge.add(value)
    return gauge, Sketch.of(values)


@given(st.lists(st.tuples(st.floats(0.1, 4), st.lists(st.floats(0, 1000), max_size=5)), max_size=30))
def test_it_holds_the_intervals_that_ended_within_its_seconds(steps):
    window, now, past = LatencyWindow(10.0), 0.0, []
    for seconds, values in steps:
        now += seconds
        window.add(now, *interval(*values))
        past.append((now, values))
    held = [value for end, values in past if end > now - 10.0 for value in values]
    gauge, sketch = window.with_interval(*interval())
    assert gauge.count == len(held)
    assert sketch == Sketch.of(held)


def test_the_running_interval_counts_too():
    window = LatencyWindow()
    window.add(1.0, *interval(10.0))
    gauge, sketch = window.with_interval(*interval(30.0))
    assert gauge.average == 20.0
    assert sketch.count == 2


def test_what_it_returns_does_not_change_while_counting_goes_on():
    window, running = LatencyWindow(), interval()
    gauge, sketch = window.with_interval(*running)
    running[0].add(5.0)
    window.add(1.0, *interval(10.0))
    assert (gauge.count, sketch.count) == (0, 0)


def test_it_keeps_no_interval_without_round_trips():
    window = LatencyWindow()
    for now in range(100):
        window.add(float(now), *interval())
    assert len(window._intervals) == 0


def test_an_old_outlier_leaves_no_trace():
    window = LatencyWindow(10.0)
    window.add(0.0, *interval(60_000.0))
    window.add(11.0, *interval(10.0))
    gauge, sketch = window.with_interval(*interval())
    assert gauge.max == 10.0
    assert sketch.quantile(1.0) == pytest.approx(10.0, rel=0.01)
