import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar_site.protocol import MAX_MESSAGE, Ping, Pong, Pose, Say, Subscribe, Telemetry, decode, encode, relayed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"ping","t":12.5}', Ping(12.5)),
        ('{"type":"ping"}', Ping(None)),
        ('{"type":"pong","id":3}', Pong(3)),
        ('{"type":"pose","x":0.5,"blink":true}', Pose()),
        ('{"type":"say","text":"hello"}', Say("hello")),
        ('{"type":"telemetry","fps":59.9,"frame_time_ms":16.7}', Telemetry(59.9, 16.7)),
        ('{"type":"subscribe","channel":"metrics"}', Subscribe("metrics")),
    ],
)
def test_a_text_becomes_its_message(text, expected):
    assert decode(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        '{"type":"dance"}',
        '{"type":"pong","id":"3"}',
        '{"type":"say","text":""}',
        json.dumps({"type": "say", "text": "x" * 501}),
        '{"type":"telemetry","fps":-1,"frame_time_ms":16}',
        '{"type":"telemetry","fps":1e6,"frame_time_ms":16}',
        '{"type":"subscribe","channel":"secrets"}',
        '{"type":"pose","x":' + "[" * 9000 + "]" * 9000 + "}",
        "x" * (MAX_MESSAGE + 1),
    ],
)
def test_a_bad_text_raises_and_says_why(text):
    with pytest.raises(ValueError, match=r"\w"):
        decode(text)


def test_a_relayed_message_keeps_its_fields_and_names_its_sender():
    text = '{"type":"pose","x":0.5,"client_id":"somebody else"}'
    assert json.loads(relayed(text, "ada").text) == {"type": "pose", "x": 0.5, "client_id": "ada"}


@pytest.mark.parametrize("number", ["1e400", "9" * 5000])
def test_a_number_that_nobody_can_read_is_a_bad_message_too(number):
    with pytest.raises(ValueError, match="out of range"):
        relayed(f'{{"type":"pose","x":{number}}}', "ada")


@pytest.mark.parametrize("depth", range(900, 1100, 10))
def test_no_depth_of_nesting_raises_anything_but_a_value_error(depth):
    text = '{"type":"pose","x":' + "[" * depth + "]" * depth + "}"
    with suppress(ValueError):
        decode(text)
        relayed(text, "ada")


scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz_"), values, max_size=5))
def test_whatever_a_pose_holds_comes_through(fields):
    text = json.dumps({**fields, "type": "pose"})
    assert isinstance(decode(text), Pose)
    assert json.loads(relayed(text, "ada").text) == {**fields, "type": "pose", "client_id": "ada"}


def test_an_outgoing_message_is_json_with_its_type_first():
    assert encode("pong", t=1, server_time=2.5).text == '{"type":"pong","t":1,"server_time":2.5}'
