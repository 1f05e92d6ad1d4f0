import math
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.recent import Recent
from monitoring.core.stats.sketch import Sketch

values = st.lists(st.floats(-1000, 1000, width=32), max_size=40)


@given(values, st.integers(1, 10))
def test_it_holds_the_same_values_as_a_deque_of_its_length(numbers, maxlen):
    recent, expected = Recent(numbers, maxlen=maxlen), deque(numbers, maxlen=maxlen)
    assert list(recent) == list(expected)
    assert len(recent) == len(expected)
    assert [recent[i] for i in range(-len(expected), len(expected))] == [*expected, *expected]


@given(values, st.integers(1, 10))
def test_its_average_is_that_of_the_values_it_holds(numbers, maxlen):
    recent = Recent(numbers, maxlen=maxlen)
    expected = sum(recent) / len(recent) if len(recent) else 0.0
    assert recent.average == pytest.approx(expected, abs=1e-3)


def test_rounding_errors_of_large_values_disappear():
    recent = Recent([1e9] * 7 + [1.0] * 20, maxlen=10)
    assert recent.average == 1.0


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_outside_raises(index):
    with pytest.raises(IndexError, match="outside 3 values"):
        Recent([1, 2, 3])[index]


def test_a_hundred_values_take_four_hundred_bytes():
    recent = Recent(range(1000), maxlen=100)
    assert recent._values.itemsize * len(recent) == 400


def test_its_repr_shows_its_values():
    assert repr(Recent([1, 2, 3], maxlen=2)) == "Recent([2.0, 3.0], maxlen=2)"


@given(st.lists(st.floats(0, 1e6, width=32), max_size=60), st.integers(1, 7))
def test_the_lifetime_counts_every_value_that_ever_came(values, maxlen):
    lifetime = Recent(values, maxlen=maxlen).lifetime()
    assert lifetime.sketch == Sketch.of(values)
    assert lifetime.total == pytest.approx(math.fsum(values))


def test_an_empty_lifetime_has_no_average():
    assert Recent().lifetime().average is None


@given(
    st.lists(st.tuples(st.floats(0, 1e6, width=32), st.lists(st.integers(0, 60), max_size=3)), max_size=40),
    st.integers(1, 7),
)
def test_in_the_lifetime_a_value_counts_for_each_second_that_it_has_held(readings, maxlen):
    recent = Recent(maxlen=maxlen)
    expected = []
    for value, stretches in readings:
        recent.append(value)
        for seconds in stretches:
            recent.hold(seconds)
        expected += [value] * max(1, sum(stretches))
    assert recent.lifetime().sketch == Sketch.of(expected)
    assert recent.lifetime().total == pytest.approx(math.fsum(expected))
    assert list(recent) == list(Recent([value for value, _ in readings], maxlen=maxlen))


def test_a_value_counts_for_at_most_what_fits_into_a_byte():
    recent = Recent([4.0])
    recent.hold(1_000)
    assert recent.lifetime().sketch.count == 255


def test_without_a_value_nothing_holds():
    recent = Recent()
    recent.hold(5)
    assert recent.lifetime().average is None
