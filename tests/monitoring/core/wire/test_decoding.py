import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.wire.decoding import decoder


class Ask(msgspec.Struct, tag="ask"):
    number: int = 0


class Tell(msgspec.Struct, tag="tell"):
    text: str


decode = decoder(Ask | Tell, max_length=10_000)


def test_a_text_becomes_the_message_type_that_it_names():
    assert decode('{"type":"ask","number":3}') == Ask(3)
    assert decode('{"type":"tell","text":"hello"}') == Tell("hello")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type":"shout"}',
        '{"type":[]}',
        '{"type":{"a":1}}',
        '{"type":7}',
        '{"type":"tell"}',
        '{"type":"tell","text":7}',
        '{"type":"ask","number":NaN}',
        '{"type":"tell","text":"\\ud800"}',
    ],
)
def test_anything_else_raises_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        decode(text)


def test_a_text_that_is_nested_too_deeply_raises_a_value_error():
    # How deep is too deep, depends on the release of Python.
    text = '{"type":"ask","more":' + "[" * 400_000 + "]" * 400_000 + "}"
    with pytest.raises(ValueError, match="nested too deeply"):
        decoder(Ask | Tell, max_length=1_000_000)(text)


def test_an_overlong_text_raises_before_it_is_read():
    with pytest.raises(ValueError, match="10001 bytes: at most 10000 are allowed"):
        decode("x" * 10_001)


@given(st.text())
def test_no_text_raises_anything_but_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        decode(text)
