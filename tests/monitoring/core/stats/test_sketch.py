import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.core.stats.log_bins import RELATIVE_ERROR, SMALLEST
from monitoring.core.stats.sketch import Sketch

number = st.one_of(
    st.floats(0, 1e300),
    st.floats(0, 0.01),
    st.sampled_from([0.0, SMALLEST, SMALLEST * 1.0001, 1.0, 16.7, 1e-300, 1e300]),
)
numbers = st.lists(number, max_size=60)
crowded = st.dictionaries(st.integers(100, 180), st.integers(1, 100_000), min_size=20)
sketches = st.one_of(st.builds(Sketch.of, numbers), st.builds(Sketch, crowded))


def exact(values: list[float], q: float) -> float:
    return sorted(values)[max(1, math.ceil(Fraction(str(q)) * len(values))) - 1]


@given(numbers.filter(bool), st.integers(0, 1000).map(lambda thousandths: thousandths / 1000))
@example([5.0] * 60, 0.99)
@example([1e-3, 1e300], 1.0)
def test_every_quantile_is_within_one_per_cent_of_the_exact_value(values, q):
    expected = exact(values, q)
    allowed = SMALLEST if expected <= SMALLEST else expected * RELATIVE_ERROR * (1 + 1e-9)
    assert abs(Sketch.of(values).quantile(q) - expected) <= allowed


@pytest.mark.parametrize("values", [[1.0, 9.0], [3.0, 3.0, 30.0], [float(n) for n in range(1, 21)]])
def test_no_high_percentile_of_a_few_values_lies_below_their_average(values):
    assert Sketch.of(values).quantile(0.95) * 1.01 >= sum(values) / len(values)


@given(numbers, numbers, st.sampled_from([0.5, 0.95, 0.99]))
def test_the_quantile_of_a_merge_is_that_of_all_values_together(one, other, q):
    assert (Sketch.of(one) + Sketch.of(other)).quantile(q) == Sketch.of(one + other).quantile(q)


@given(sketches, sketches)
def test_adding_is_commutative(a, b):
    assert a + b == b + a


@given(sketches, sketches, sketches)
def test_adding_is_associative(a, b, c):
    assert (a + b) + c == a + (b + c)


@given(sketches, sketches)
def test_adding_changes_neither_of_the_two(a, b):
    before = dict(a.bins), dict(b.bins)
    assert (a + b).count == a.count + b.count
    assert (a.bins, b.bins) == before


@given(sketches, sketches)
def test_removing_undoes_merging(a, b):
    total = a + b
    total.remove(b)
    assert total == a


@pytest.mark.parametrize(
    "values",
    [
        [1e-9, 1e-6, 1e300],
        [7.7] * 1_000,
        [1.0] * 500 + [1_000.0] * 500,
        [math.nextafter(SMALLEST, 1), SMALLEST],
        [2.0**power for power in range(-9, 200)],
        [1 + step * 1e-6 for step in range(1_000)],
    ],
    ids=["tiny and huge", "equal", "bimodal", "around the smallest", "powers", "close together"],
)
def test_the_hardest_values_are_within_one_per_cent(values):
    sketch = Sketch.decode(Sketch.of(values).encode())
    for q in (0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1):
        expected = exact(values, q)
        assert sketch.quantile(q) == pytest.approx(expected, rel=RELATIVE_ERROR + 1e-9, abs=SMALLEST)


def test_two_new_ones_share_nothing():
    Sketch().add(1.0)
    assert Sketch().count == 0


def test_its_values_come_ascending_with_how_often_they_were_added():
    found = list(Sketch.of([30.0, 0.0, 10.0, 30.0]).values())
    assert [times for _, times in found] == [1, 1, 2]
    assert [value for value, _ in found] == pytest.approx([0.0, 10.0, 30.0], rel=0.01)


def test_an_empty_one_has_no_quantiles():
    assert Sketch().quantile(0.5) is None
