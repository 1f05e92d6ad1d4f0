import asyncio

import pytest

from monitoring.servers import graceful_shutdown as module
from monitoring.servers.graceful_shutdown import GOING_AWAY, GracefulShutdown


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)


class Socket:
    """A server's side of one WebSocket: it delivers a disconnect after a close, as servers do."""

    def __init__(self, drain: GracefulShutdown) -> None:
        self.sent = []
        self.closed = asyncio.Event()
        self.task = asyncio.create_task(drain({"type": "websocket"}, self.receive, self.send))

    async def receive(self):
        await self.closed.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message):
        self.sent.append(message)
        self.closed.set()


class BrokenSocket(Socket):
    async def send(self, message):
        raise RuntimeError("not accepted yet")


async def polite(scope, receive, send):
    await receive()


async def deaf(scope, receive, send):
    await asyncio.Event().wait()


async def stubborn(scope, receive, send):
    for _ in range(2):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def opened(drain: GracefulShutdown, kind: type[Socket] = Socket) -> Socket:
    socket = kind(drain)
    await asyncio.sleep(0)
    return socket


async def test_every_open_websocket_is_told_and_its_consumer_may_end():
    drain = GracefulShutdown(polite)
    sockets = [await opened(drain) for _ in range(3)]
    await drain.stop()
    assert [socket.sent for socket in sockets] == [[{"type": "websocket.close", "code": GOING_AWAY}]] * 3
    assert all(socket.task.done() and not socket.task.cancelled() for socket in sockets)


async def test_a_consumer_that_does_not_end_is_cancelled():
    drain = GracefulShutdown(deaf)
    socket = await opened(drain)
    await drain.stop()
    assert socket.task.cancelled()


async def test_a_consumer_that_defies_even_that_does_not_hold_up_the_server():
    drain = GracefulShutdown(stubborn)
    socket = await opened(drain)
    await asyncio.wait_for(drain.stop(), 1)
    assert not socket.task.done()
    socket.task.cancel()
    await asyncio.wait([socket.task])


async def test_a_socket_that_cannot_be_told_does_not_keep_the_others_from_it():
    drain = GracefulShutdown(polite)
    broken, other = await opened(drain, BrokenSocket), await opened(drain)
    await drain.stop()
    assert broken.task.cancelled()
    assert len(other.sent) == 1


async def test_one_that_ended_before_is_forgotten():
    drain = GracefulShutdown(polite)
    socket = await opened(drain)
    socket.closed.set()
    await socket.task
    await drain.stop()
    assert socket.sent == []


async def test_whoever_comes_back_while_the_server_goes_is_sent_away():
    drain = GracefulShutdown(polite)
    await drain.stop()
    socket = await opened(drain)
    await socket.task
    assert socket.sent == [{"type": "websocket.close", "code": GOING_AWAY}]
    await drain.start()
    again = await opened(drain)
    assert not again.task.done()
    again.closed.set()
    await again.task


async def test_other_protocols_pass_untouched():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    await GracefulShutdown(app)({"type": "http"}, None, None)
    assert seen == [{"type": "http"}]
