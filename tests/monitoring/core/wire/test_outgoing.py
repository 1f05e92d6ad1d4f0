import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from monitoring.core.wire import outgoing
from monitoring.core.wire.outgoing import BINARY, TEXT, Chain, Outgoing, ws_frame
from tests.chain import ChainReader


def parsed(data: bytes) -> Frame:
    """The one frame of these bytes, as another implementation reads it from a server."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert reader.buffer == b""
    return done.value.value


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_frame_of_any_length_can_be_decoded(opcode, length):
    payload = b"x" * length
    assert parsed(ws_frame(opcode, payload)) == Frame(Opcode(opcode), payload, fin=True)


def test_a_message_has_a_text_a_frame_and_a_compressed_form():
    message = Outgoing("안녕".encode())
    assert message.text == "안녕"
    assert parsed(message.ws_frame) == Frame(Opcode.TEXT, message.payload)
    assert zlib.decompress(message.deflated.payload) == message.payload
    assert parsed(message.deflated.ws_frame) == Frame(Opcode.BINARY, message.deflated.payload)


def test_each_form_is_made_once_and_only_on_demand(monkeypatch):
    made = []
    monkeypatch.setattr(outgoing, "ws_frame", lambda opcode, _: made.append(opcode) or b"")
    message = Outgoing(b"hello")
    assert made == []
    for _ in range(2):
        assert (message.ws_frame, message.text) == (b"", "hello")
    assert made == [TEXT]
    assert message.text is message.text
    assert message.deflated is message.deflated


def followed(*payloads: bytes) -> list[Outgoing]:
    messages = [Outgoing(payload) for payload in payloads]
    for before, message in zip([None, *messages], messages, strict=False):
        message.follow(before)
    return messages


def test_a_chained_message_refers_to_the_previous_one():
    rows = b'{"client_id":"ada","bytes_sent":812,"fps":59.8}'
    first, second = followed(rows, rows.replace(b"812", b"874"))
    chain, reader = Chain(), ChainReader()
    sizes = [len(chain(message).payload) for message in (first, second)]
    assert sizes[1] < sizes[0] / 2
    chain = Chain()
    assert [reader.read(chain(message).payload) for message in (first, second)] == [first.payload, second.payload]


@given(st.lists(st.tuples(st.binary(max_size=200), st.integers(1, 400), st.booleans()), max_size=8))
def test_a_connection_can_read_what_it_gets_whatever_it_misses(parts):
    chain, reader, before = Chain(), ChainReader(), None
    for piece, times, is_sent in parts:
        message = Outgoing(piece * times)
        message.follow(before)
        before = message
        if is_sent:
            assert reader.read(chain(message).payload) == message.payload


def test_a_shared_message_is_compressed_once():
    first, second = followed(b"first", b"second")
    chains = [Chain(), Chain()]
    for chain in chains:
        chain(first)
    one, other = (chain(second) for chain in chains)
    assert one is other is second.chained


def test_at_most_two_messages_are_held():
    first, second, third = followed(b"first", b"second", b"third")
    assert (third.before, second.before, first.before) == (second, None, None)


def test_a_message_that_is_followed_holds_its_bytes_alone():
    first, second = Outgoing(b"first"), Outgoing(b"second")
    forms = first.text, first.ws_frame, first.deflated.payload
    second.follow(first)
    assert vars(first) == {"payload": b"first", "before": None}
    assert (first.text, first.ws_frame, first.deflated.payload) == forms
