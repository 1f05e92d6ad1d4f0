import math
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.core import sketch as module
from monitoring.core.sketch import RELATIVE_ERROR, SMALLEST, Sketch, quantiles_of

number = st.one_of(
    st.floats(0, 1e300),
    st.floats(0, 0.01),
    st.sampled_from([0.0, SMALLEST, SMALLEST * 1.0001, 1.0, 16.7, 1e-300, 1e300]),
)
numbers = st.lists(number, max_size=60)
crowded = st.dictionaries(st.integers(100, 180), st.integers(1, 100_000), min_size=20)
sketches = st.one_of(st.builds(Sketch.of, numbers), st.builds(Sketch, crowded))


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


def test_what_an_older_release_wrote_is_read():
    sketch = Sketch.of([0.0, 1.0, 1.0, 250.0] + [10.0] * 300)
    written = bytearray()
    before = module.FIRST_BIN
    for index in sorted(sketch.bins):
        module._write_varint(written, index - before)
        module._write_varint(written, sketch.bins[index])
        before = index
    assert Sketch.decode(bytes(written)) == sketch


def lognormal(count: int, spread: float) -> Sketch:
    source = random.Random(count)
    return Sketch.of(source.lognormvariate(3, spread) for _ in range(count))


@pytest.mark.parametrize("data", [b"\0\0", b"\0\0\1", b"\0\0\1\5", b"\0\0\0\5\3\0", b"\0\0\3\5\3\0"])
def test_a_packed_one_that_is_cut_off_or_spoilt_raises(data):
    with pytest.raises(ValueError, match="ends within its counts"):
        Sketch.decode(data)


@pytest.mark.parametrize("count", [1, 60, 3_000, 1_000_000_000_000])
def test_counts_of_any_size_come_back(count):
    sketch = Sketch({index: count + index % 3 for index in range(100, 300)})
    assert Sketch.decode(sketch.encode()) == sketch


@pytest.mark.parametrize("spread", [0.2, 0.5, 1.0, 1.5])
def test_a_minute_of_3000_round_trips_is_stored_in_300_bytes(spread):
    assert len(lognormal(3_000, spread).encode()) <= 300


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


def test_an_empty_one_has_no_quantiles_and_no_bytes():
    assert Sketch().quantile(0.5) is None
    assert Sketch().encode() == b""


def test_a_thousand_round_trips_cost_few_bytes():
    sketch = Sketch.of(1 + i / 10 for i in range(1000))
    assert len(sketch.encode()) < 600


def test_two_new_ones_share_nothing():
    Sketch().add(1.0)
    assert Sketch().count == 0


def test_its_values_come_ascending_with_how_often_they_were_added():
    found = list(Sketch.of([30.0, 0.0, 10.0, 30.0]).values())
    assert [times for _, times in found] == [1, 1, 2]
    assert [value for value, _ in found] == pytest.approx([0.0, 10.0, 30.0], rel=0.01)


@given(sketches)
def test_quantiles_are_read_from_the_bytes_as_from_the_sketch(sketch):
    shares = (0.0, 0.5, 0.95, 0.99, 1.0)
    assert quantiles_of(sketch.encode(), *shares) == sketch.quantiles(*shares)


@pytest.mark.parametrize("data", [b"\0\0\1", b"\0\0\1\5", b"\x85", b"\5\1\5", b"\5\x81"])
def test_no_quantiles_are_read_from_bytes_that_are_cut_off(data):
    with pytest.raises(ValueError, match="ends within"):
        quantiles_of(data, 0.5)
