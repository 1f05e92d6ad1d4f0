import asyncio
from contextlib import suppress

import pytest

from avatar_site.front import open_requests as module
from avatar_site.front.open_requests import OpenRequests
from tests.waiting import settled, until


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.02)
    monkeypatch.setattr(module, "CANCEL_SECONDS", 0.02)


class Request:
    """A server's side of one request; its client stays."""

    def __init__(self, requests: OpenRequests) -> None:
        self.sent = []
        self.coming = asyncio.Queue()
        self.task = asyncio.create_task(requests({"type": "http"}, self.coming.get, self.send))

    async def send(self, message):
        self.sent.append(message)


async def opened(requests: OpenRequests) -> Request:
    request = Request(requests)
    await settled()
    return request


async def test_requests_are_passed_on_until_it_is_closed():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204})

    requests = OpenRequests(app)
    before = await opened(requests)
    await requests.stop()
    after = await opened(requests)
    await requests.start()
    again = await opened(requests)
    assert [one.sent[0]["status"] for one in (before, after, again)] == [204, 503, 204]
    assert (b"connection", b"close") in after.sent[0]["headers"]


async def test_what_is_received_and_raised_is_passed_on():
    async def app(scope, receive, send):
        raise ValueError(await receive())

    request = await opened(OpenRequests(app))
    request.coming.put_nowait("a body")
    with pytest.raises(ValueError, match="a body"):
        await request.task


async def test_one_that_ends_soon_is_answered_though_the_server_cancels_it():
    async def app(scope, receive, send):
        await receive()
        await send("an answer")

    requests = OpenRequests(app)
    request = await opened(requests)
    request.task.cancel()
    await settled()
    request.coming.put_nowait("the rest")
    await requests.stop()
    assert request.sent == ["an answer"]


async def test_one_that_takes_longer_hears_that_its_client_has_left_and_is_waited_for():
    heard = []

    async def app(scope, receive, send):
        heard.append(await receive())
        heard.append(await receive())
        await asyncio.sleep(0)
        heard.append("cleaned up")

    requests = OpenRequests(app)
    request = await opened(requests)
    await requests.stop()
    left = {"type": "http.disconnect"}
    assert heard == [left, left, "cleaned up"]
    await request.task


async def test_one_that_does_not_listen_is_cancelled_in_the_end():
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    requests = OpenRequests(app)
    request = await opened(requests)
    await requests.stop()
    await until(request.task.done)
    assert request.task.cancelled()


async def test_what_works_on_after_it_was_cancelled_is_waited_for():
    may_end = asyncio.Event()

    async def app(scope, receive, send):
        while not may_end.is_set():
            with suppress(asyncio.CancelledError):
                await may_end.wait()

    requests = OpenRequests(app)
    request = await opened(requests)
    stopping = asyncio.create_task(requests.stop())
    request.task.cancel()
    await asyncio.wait([stopping], timeout=0.1)
    assert not stopping.done()
    may_end.set()
    await stopping


async def test_everything_else_is_passed_on():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    requests = OpenRequests(app)
    await requests.stop()
    await requests({"type": "websocket"}, None, None)
    await requests({"type": "lifespan"}, None, None)
    assert seen == ["websocket", "lifespan"]
    await requests.stop()
