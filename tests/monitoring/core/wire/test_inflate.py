import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.wire.inflate import RAW, inflate

TEXT = b"five samples repeat each other's keys " * 50


def raw(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW)
    return deflate.compress(data) + deflate.flush()


@given(st.binary(max_size=500))
def test_what_was_compressed_comes_back(data):
    assert inflate(zlib.compress(data), 500) == inflate(raw(data), 500, RAW) == data


def test_the_limit_itself_is_allowed():
    assert inflate(zlib.compress(TEXT), len(TEXT)) == TEXT


@pytest.mark.parametrize("compress", [zlib.compress, raw])
def test_one_byte_more_than_the_limit_raises(compress):
    wbits = RAW if compress is raw else zlib.MAX_WBITS
    with pytest.raises(ValueError, match=f"longer than {len(TEXT) - 1} bytes"):
        inflate(compress(TEXT), len(TEXT) - 1, wbits)


@given(st.integers(0, len(zlib.compress(TEXT)) - 1))
def test_data_that_is_cut_off_raises(length):
    with pytest.raises(ValueError, match="cut off"):
        inflate(zlib.compress(TEXT)[:length], 10_000)


@pytest.mark.parametrize("data", [b"poison", b"\0" * 10, zlib.compress(TEXT)[:-4] + b"torn"])
def test_anything_else_raises(data):
    with pytest.raises(ValueError, match=r"Error|cut off"):
        inflate(data, 10_000)
