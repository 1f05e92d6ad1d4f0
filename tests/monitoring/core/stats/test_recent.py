import math
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.recent import Recent
from monitoring.core.stats.sketch import Sketch

values = st.lists(st.floats(-1000, 1000, width=32), max_size=40)


@given(values, st.integers(1, 10))
def test_it_holds_what_a_deque_of_the_same_length_holds(numbers, maxlen):
    recent, expected = Recent(numbers, maxlen=maxlen), deque(numbers, maxlen=maxlen)
    assert list(recent) == list(expected)
    assert len(recent) == len(expected)
    assert [recent[i] for i in range(-len(expected), len(expected))] == [*expected, *expected]


@given(values, st.integers(1, 10))
def test_its_average_is_that_of_the_values_it_holds(numbers, maxlen):
    recent = Recent(numbers, maxlen=maxlen)
    expected = sum(recent) / len(recent) if len(recent) else 0.0
    assert recent.average == pytest.approx(expected, abs=1e-3)


def test_rounding_errors_of_large_values_do_not_stay():
    recent = Recent([1e9] * 7 + [1.0] * 20, maxlen=10)
    assert recent.average == 1.0


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_outside_raises(index):
    with pytest.raises(IndexError, match="outside 3 values"):
        Recent([1, 2, 3])[index]


def test_a_hundred_values_cost_four_hundred_bytes():
    recent = Recent(range(1000), maxlen=100)
    assert recent._values.itemsize * len(recent) == 400


def test_it_shows_what_it_holds():
    assert repr(Recent([1, 2, 3], maxlen=2)) == "Recent([2.0, 3.0], maxlen=2)"


@given(st.lists(st.floats(0, 1e6, width=32), max_size=60), st.integers(1, 7))
def test_the_lifetime_counts_every_value_that_ever_came(values, maxlen):
    lifetime = Recent(values, maxlen=maxlen).lifetime()
    assert lifetime.sketch == Sketch.of(values)
    assert lifetime.total == pytest.approx(math.fsum(values))


def test_the_lifetime_of_none_has_no_average():
    assert Recent().lifetime().average is None
