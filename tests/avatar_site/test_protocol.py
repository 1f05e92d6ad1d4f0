import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar_site.protocol import (
    MAX_MESSAGE,
    MAX_RELAYED,
    Ping,
    Pong,
    Pose,
    Say,
    Subscribe,
    Telemetry,
    decode,
    encode,
    relayed,
)  # fmt: skip


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
        ('{"type":"pong","id":3.0}', Pong(3)),
        ('{"type":"telemetry","fps":60,"frame_time_ms":16,"long_frames":2.0}', Telemetry(60, 16, long_frames=2)),
        ('{"type":"telemetry","fps":2500,"frame_time_ms":0.4,"hidden":1}', Telemetry(2500, 0.4, hidden=True)),
        ('{"type":"telemetry","fps":60,"frame_time_ms":16,"hidden":1.0}', Telemetry(60, 16, hidden=1)),
        ('{"type":"telemetry","fps":60,"frame_time_ms":16,"hidden":null}', Telemetry(60, 16, hidden=None)),
        ('{"type":"telemetry","fps":1e300,"frame_time_ms":1e300}', Telemetry(100_000, 86_400_000)),
        (
            '{"type":"telemetry","fps":60,"frame_time_ms":16,"long_frames":1e300}',
            Telemetry(60, 16, long_frames=1_000_000),
        ),
        ('{"type":"telemetry","fps":60,"frame_time_ms":16,"low_fps":null,"gpu":"x"}', Telemetry(60, 16)),
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
        '{"type":"subscribe","channel":"secrets"}',
        '{"type":"pose","x":' + "[" * 30_000 + "]" * 30_000 + "}",
        "x" * (MAX_MESSAGE + 1),
    ],
)
def test_a_bad_text_raises_and_says_why(text):
    with pytest.raises(ValueError, match=r"\w"):
        decode(text)


def test_whole_numbers_may_be_written_as_floats_and_flags_as_numbers():
    telemetry = decode('{"type":"telemetry","fps":60,"frame_time_ms":16,"long_frames":2.0,"hidden":0}')
    assert (telemetry.long_frames, telemetry.hidden) == (2, False)
    assert decode('{"type":"telemetry","fps":60,"frame_time_ms":16}').long_frames is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type":"dance"}', 'type="dance": must be one of ping, pong, pose, expression, say, telemetry, subscribe'),
        ('{"x":1}', "type=(missing): must be one of ping, pong, pose"),
        ('{"type":[]}', "type=[]: must be one of ping, pong, pose"),
        ("[1]", "a message must be a JSON object"),
        ('{"type":"pong"}', "pong needs id: a number"),
        ('{"type":"pong","id":"3"}', 'id="3": must be a number'),
        ('{"type":"telemetry","fps":-1,"frame_time_ms":16}', "fps=-1: must be a number of at least 0"),
        ('{"type":"telemetry","fps":1,"frame_time_ms":1,"hidden":"no"}', 'hidden="no": must be true or false'),
        ('{"type":"say","text":""}', 'text="": must be text of 1 to 500 characters'),
        ('{"type":"subscribe","channel":"secrets"}', 'channel="secrets": must be "metrics"'),
    ],
)
def test_an_error_names_the_field_its_value_and_what_is_allowed(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        decode(text)


@pytest.mark.parametrize("kind", ["pose", "expression"])
def test_a_relayed_message_has_at_most_4_kilobytes(kind):
    filler = "y" * (MAX_RELAYED - len(f'{{"type":"{kind}","x":""}}'))
    text = json.dumps({"type": kind, "x": filler})
    assert json.loads(relayed(text, "ada").text)["client_id"] == "ada"
    with pytest.raises(ValueError, match=f"the {kind} has 4097 bytes without spaces: at most 4096 are allowed"):
        relayed(json.dumps({"type": kind, "x": filler + "y"}), "ada")


def test_52_blend_shapes_with_all_their_digits_pass():
    pose = {"type": "pose", **{f"blendShapeOfTheFaceNo{number}": 1 / (number + 3) for number in range(52)}}
    assert len(json.dumps(pose)) > 2_300
    relayed(json.dumps(pose), "ada")


def test_the_longest_sentence_passes_in_any_script_and_encoding():
    assert len(json.dumps({"type": "say", "text": "\U0001f600" * 500})) > MAX_RELAYED
    relayed(json.dumps({"type": "say", "text": "\U0001f600" * 500}), "ada")


def test_a_relayed_message_keeps_its_fields_and_names_its_sender():
    text = '{"type":"pose","x":0.5,"client_id":"somebody else"}'
    assert json.loads(relayed(text, "ada").text) == {"type": "pose", "x": 0.5, "client_id": "ada"}


@pytest.mark.parametrize("number", ["1e400", "9" * 5000])
def test_an_unreadable_number_is_a_bad_message_too(number):
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
def test_every_field_of_a_pose_comes_through(fields):
    text = json.dumps({**fields, "type": "pose"})
    assert isinstance(decode(text), Pose)
    assert json.loads(relayed(text, "ada").text) == {**fields, "type": "pose", "client_id": "ada"}


def test_an_outgoing_message_is_json_with_its_type_first():
    assert encode("pong", t=1, server_time=2.5).text == '{"type":"pong","t":1,"server_time":2.5}'
