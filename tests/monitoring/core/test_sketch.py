import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.core.sketch import RELATIVE_ERROR, SMALLEST, Sketch

number = st.one_of(
    st.floats(0, 1e300),
    st.floats(0, 0.01),
    st.sampled_from([0.0, SMALLEST, SMALLEST * 1.0001, 1.0, 16.7, 1e-300, 1e300]),
)
numbers = st.lists(number, max_size=60)
sketches = st.builds(Sketch.of, numbers)


def exact(values: list[float], q: float) -> float:
    return sorted(values)[math.floor(q * (len(values) - 1))]


@given(numbers.filter(bool), st.floats(0, 1))
@example([5.0] * 60, 0.99)
@example([1e-3, 1e300], 1.0)
def test_every_quantile_is_within_one_per_cent_of_the_exact_value(values, q):
    expected = exact(values, q)
    allowed = SMALLEST if expected <= SMALLEST else expected * RELATIVE_ERROR * (1 + 1e-9)
    assert abs(Sketch.of(values).quantile(q) - expected) <= allowed


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


@given(sketches)
def test_it_comes_back_from_its_bytes(sketch):
    assert Sketch.decode(sketch.encode()) == sketch


@given(sketches, st.data())
def test_bytes_that_are_cut_off_raise_or_end_with_a_whole_bin(sketch, data):
    encoded = sketch.encode()
    cut = encoded[: data.draw(st.integers(0, max(0, len(encoded) - 1)))]
    try:
        part = Sketch.decode(cut)
    except ValueError:
        return
    assert part.bins.items() <= sketch.bins.items()


@pytest.mark.parametrize("data", [b"\x80", b"\x01", b"\x01\x80", b"\x01\x02\x03"])
def test_bytes_that_end_within_a_bin_raise(data):
    with pytest.raises(ValueError, match="ends within"):
        Sketch.decode(data)


def test_an_empty_one_has_no_quantiles_and_no_bytes():
    assert Sketch().quantile(0.5) is None
    assert Sketch().encode() == b""


def test_a_thousand_round_trips_cost_few_bytes():
    sketch = Sketch.of(1 + i / 10 for i in range(1000))
    assert len(sketch.encode()) < 600


def test_two_new_ones_share_nothing():
    Sketch().add(1.0)
    assert Sketch().count == 0
