import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.tally import Tally
from tests.monitoring.core.stats.test_sketch import sketches

SHARES = (0.0, 0.5, 0.95, 0.99, 1.0)


def tally(some: list[Sketch]) -> Tally:
    total = Tally()
    for number, sketch in enumerate(some):
        total.add(sketch if number % 2 else sketch.encode())
    return total


@given(st.lists(sketches, max_size=5))
def test_its_quantiles_are_those_of_the_merged_sketches(some):
    assert tally(some).quantiles(*SHARES) == sum(some, Sketch()).quantiles(*SHARES)


@given(st.lists(sketches, max_size=3), st.lists(sketches, max_size=3))
def test_two_of_them_merge_to_that_of_all_their_sketches(some, others):
    merged = tally(some)
    merged.merge(tally(others))
    assert merged.quantiles(*SHARES) == tally(some + others).quantiles(*SHARES)


def test_counts_beyond_four_bytes_stay_apart():
    sketch = Sketch({100: 5_000_000_000, 101: 1, 400: 4_999_999_999})
    assert tally([sketch] * 3).quantiles(0.5, 0.51) == sketch.quantiles(0.5, 0.51)


@given(st.lists(sketches, max_size=5))
def test_as_a_gauge_it_has_all_values(some):
    values = [(value, count) for value, count in sum(some, Sketch()).values()]
    gauge = tally(some).gauge()
    assert gauge.count == sum(count for _, count in values)
    if values:
        assert (gauge.min, gauge.max) == (values[0][0], values[-1][0])
        assert gauge.sum == pytest.approx(sum(value * count for value, count in values))


FOREIGN = b"\0\0\x41of another release"


@pytest.mark.parametrize("at", [0, 1, 2])
def test_with_one_of_another_release_nothing_is_known_of_all(at):
    total = Tally()
    some = [Sketch.of([5.0]).encode(), Sketch.of([7.0])]
    for one in [*some[:at], FOREIGN, *some[at:]]:
        total.add(one)
    merged = tally([Sketch.of([5.0])])
    merged.merge(total)
    for found in (total, merged):
        assert found.quantiles(0.5, 0.99) == [None, None]
        assert found.gauge().count == 0
