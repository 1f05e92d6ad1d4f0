import asyncio

import pytest

from monitoring.servers import graceful_shutdown as module
from monitoring.servers.graceful_shutdown import GOING_AWAY, GracefulShutdown


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)


class Socket:
    """A server's side of one WebSocket: it delivers a disconnect after a close, as servers do."""

    def __init__(self, app) -> None:
        self.sent = []
        self.closed = asyncio.Event()
        self.task = asyncio.create_task(app({"type": "websocket"}, self.receive, self.send))

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


async def opened(app, kind: type[Socket] = Socket) -> Socket:
    socket = kind(app)
    await asyncio.sleep(0)
    return socket


async def test_every_open_websocket_is_told_and_its_consumer_may_end():
    drain = GracefulShutdown()
    app = drain.around(polite)
    sockets = [await opened(app) for _ in range(3)]
    await drain.stop()
    assert [socket.sent for socket in sockets] == [[{"type": "websocket.close", "code": GOING_AWAY}]] * 3
    assert all(socket.task.done() and not socket.task.cancelled() for socket in sockets)


async def test_a_consumer_that_does_not_end_is_cancelled():
    drain = GracefulShutdown()
    app = drain.around(deaf)
    socket = await opened(app)
    await drain.stop()
    assert socket.task.cancelled()


async def test_a_consumer_that_resists_even_that_does_not_delay_the_server():
    drain = GracefulShutdown()
    app = drain.around(stubborn)
    socket = await opened(app)
    await asyncio.wait_for(drain.stop(), 1)
    assert not socket.task.done()
    socket.task.cancel()
    await asyncio.wait([socket.task])


async def test_a_socket_that_cannot_be_told_does_not_affect_the_others():
    drain = GracefulShutdown()
    app = drain.around(polite)
    broken, other = await opened(app, BrokenSocket), await opened(app)
    await drain.stop()
    assert broken.task.cancelled()
    assert len(other.sent) == 1


async def test_a_connection_that_ended_before_is_forgotten():
    drain = GracefulShutdown()
    app = drain.around(polite)
    socket = await opened(app)
    socket.closed.set()
    await socket.task
    await drain.stop()
    assert socket.sent == []


async def test_a_client_that_comes_back_during_the_stop_is_sent_away():
    drain = GracefulShutdown()
    app = drain.around(polite)
    await drain.stop()
    socket = await opened(app)
    await socket.task
    assert socket.sent == [{"type": "websocket.close", "code": GOING_AWAY}]
    await drain.start()
    again = await opened(app)
    assert not again.task.done()
    again.closed.set()
    await again.task


async def test_other_protocols_pass_unchanged():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    await GracefulShutdown().around(app)({"type": "http"}, None, None)
    assert seen == [{"type": "http"}]
