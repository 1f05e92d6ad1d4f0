import zlib

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from monitoring.core import outgoing
from monitoring.core.outgoing import BINARY, TEXT, Outgoing, frame


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
def test_a_frame_of_any_length_is_understood(opcode, length):
    payload = b"x" * length
    assert parsed(frame(opcode, payload)) == Frame(Opcode(opcode), payload, fin=True)


def test_a_message_has_a_text_a_frame_and_a_compressed_form():
    message = Outgoing("안녕".encode())
    assert message.text == "안녕"
    assert parsed(message.frame) == Frame(Opcode.TEXT, message.payload)
    assert zlib.decompress(message.deflated) == message.payload
    assert parsed(message.deflated_frame) == Frame(Opcode.BINARY, message.deflated)


def test_each_is_made_once_and_only_when_it_is_asked_for(monkeypatch):
    made = []
    monkeypatch.setattr(outgoing, "frame", lambda opcode, _: made.append(opcode) or b"")
    message = Outgoing(b"hello")
    assert made == []
    for _ in range(2):
        assert (message.frame, message.text) == (b"", "hello")
    assert made == [TEXT]
    assert message.text is message.text
    assert message.deflated is message.deflated
