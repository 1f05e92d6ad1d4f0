import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats import sketch_bytes as module
from monitoring.core.stats.log_bins import FIRST_BIN
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import HEAD, MARKED, MARKS, PACKED, decode, encode, quantiles_of
from monitoring.core.wire.other_formats import OtherFormatError
from tests.monitoring.core.stats.test_sketch import sketches


@given(sketches)
def test_bins_survive_encoding(sketch):
    assert decode(encode(sketch.bins)) == sketch.bins


@given(sketches, st.data())
def test_truncated_bytes_raise_or_end_with_a_whole_bin(sketch, data):
    encoded = encode(sketch.bins)
    cut = encoded[: data.draw(st.integers(0, max(0, len(encoded) - 1)))]
    try:
        part = decode(cut)
    except ValueError:
        return
    assert part.items() <= sketch.bins.items()


@pytest.mark.parametrize("data", [b"\x80", b"\x01", b"\x01\x80", b"\x01\x02\x03"])
def test_bytes_that_end_within_a_bin_raise(data):
    with pytest.raises(ValueError, match="ends within"):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        PACKED,
        PACKED + b"\1",
        PACKED + b"\1\5",
        HEAD.pack(1 | MARKED, 5, 5, 5, 5)[:-1],
        HEAD.pack(1 | MARKED, 5, 5, 5, 5),
    ],
)
def test_a_truncated_or_corrupt_packed_sketch_raises(data):
    with pytest.raises(ValueError, match="ends within its counts"):
        decode(data)


@pytest.mark.parametrize("form", [0, 3, 5, 3 | MARKED, 0x20 | 1, 0xFF])
def test_a_form_of_another_release_is_recognised_and_unknown(form):
    data = PACKED + bytes([form]) + b"whatever"
    for read in (decode, Sketch.decode, module.unpacked):
        with pytest.raises(OtherFormatError, match=f"a distribution of form {form}"):
            read(data)
    assert quantiles_of(data, *MARKS) == [None, None, None]


def sparse(bins: dict[int, int]) -> bytes:
    written = bytearray()
    before = FIRST_BIN
    for index in sorted(bins):
        module._write_varint(written, index - before)
        module._write_varint(written, bins[index])
        before = index
    return bytes(written)


def without_marks(packed: bytes) -> bytes:
    """As the first release that packed did it."""
    size, first, *_ = HEAD.unpack_from(packed)
    head = bytearray((*PACKED, size & ~MARKED))
    module._write_varint(head, first)
    return bytes(head) + packed[HEAD.size :]


@pytest.mark.parametrize("older", [lambda packed: sparse(decode(packed)), without_marks])
def test_the_forms_of_older_releases_are_read(older):
    bins = lognormal(3_000, 0.5).bins
    packed = encode(bins)
    assert packed.startswith(PACKED)
    assert decode(older(packed)) == bins
    assert quantiles_of(older(packed), *MARKS) == quantiles_of(packed, *MARKS)


def lognormal(count: int, spread: float) -> Sketch:
    source = random.Random(count)
    return Sketch.of(source.lognormvariate(3, spread) for _ in range(count))


@pytest.mark.parametrize("count", [1, 60, 3_000, 1_000_000_000_000])
def test_counts_of_any_size_survive(count):
    bins = {index: count + index % 3 for index in range(100, 300)}
    assert decode(encode(bins)) == bins


@pytest.mark.parametrize("spread", [0.2, 0.5, 1.0, 1.5])
def test_a_minute_of_3000_round_trips_is_stored_in_300_bytes(spread):
    assert len(encode(lognormal(3_000, spread).bins)) <= 300


def test_a_thousand_round_trips_of_all_lengths_cost_few_bytes():
    assert len(encode(Sketch.of(1 + i / 10 for i in range(1000)).bins)) < 600


def test_an_empty_sketch_has_no_bytes_and_no_quantiles():
    assert encode({}) == b""
    assert quantiles_of(b"", *MARKS) == [None] * len(MARKS)


@given(sketches, st.sampled_from([MARKS, (0.0, 0.5, 0.95, 0.99, 1.0)]))
def test_quantiles_from_the_bytes_equal_those_of_the_sketch(sketch, shares):
    assert quantiles_of(encode(sketch.bins), *shares) == sketch.quantiles(*shares)


def test_the_usual_percentiles_are_read_without_the_counts():
    sketch = lognormal(3_000, 0.5)
    assert quantiles_of(encode(sketch.bins)[: HEAD.size + 1], *MARKS) == sketch.quantiles(*MARKS)


@pytest.mark.parametrize("data", [PACKED + b"\1", PACKED + b"\1\5", b"\x85", b"\5\1\5", b"\5\x81"])
def test_quantiles_are_not_read_from_truncated_bytes(data):
    with pytest.raises(ValueError, match="ends within"):
        quantiles_of(data, 0.5)
