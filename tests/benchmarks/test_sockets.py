import asyncio

import pytest

from tests.benchmarks.sockets import TEXT, Socket, frame

SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nServer: x\r\n\r\n"
LONG = b"x" * 300
FRAMES = b"\x81\x02hi" + b"\x81\x7e\x01\x2c" + LONG


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_texts_are_taken_whole_however_they_arrive(size):
    taken = []
    socket = Socket(b"", lambda _, text: taken.append(text))
    received = SWITCHED + FRAMES
    for start in range(0, len(received), size):
        socket.data_received(received[start : start + size])
    assert socket.opened.done()
    assert taken == [b"hi", LONG]


async def test_a_refused_handshake_is_an_error():
    socket = Socket(b"", lambda *_: None)
    socket.data_received(b"HTTP/1.1 403 Access denied\r\n\r\n")
    with pytest.raises(Exception, match="403 Access denied"):
        await asyncio.wait_for(socket.opened, 1)


def test_a_clients_frame_is_masked():
    assert frame(TEXT, b"hi") == b"\x81\x82\x00\x00\x00\x00hi"
    assert frame(TEXT, LONG)[:4] == b"\x81\xfe\x01\x2c"
