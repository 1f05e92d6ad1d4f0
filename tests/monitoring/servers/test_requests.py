import asyncio

from monitoring.servers.requests import Requests
from tests.waiting import settled


class Request:
    def __init__(self, requests: Requests) -> None:
        self.sent = []
        self.task = asyncio.create_task(requests({"type": "http"}, None, self.send))

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]


async def slow(scope, receive, send):
    await asyncio.Event().wait()


async def test_requests_are_passed_on_until_it_is_closed():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204})

    requests = Requests(app)
    before = Request(requests)
    await settled()
    requests.close()
    after = Request(requests)
    await settled()
    assert (before.status, after.status) == (204, 503)
    assert (b"connection", b"close") in after.sent[0]["headers"]
    await requests.start()
    again = Request(requests)
    await settled()
    assert again.status == 204


async def test_what_has_not_ended_at_the_stop_is_cancelled_and_waited_for():
    ended = []

    async def app(scope, receive, send):
        try:
            await slow(scope, receive, send)
        finally:
            await asyncio.sleep(0.02)
            ended.append(True)

    requests = Requests(app)
    request = Request(requests)
    await settled()
    await requests.stop()
    assert ended == [True]
    assert request.task.cancelled()


async def test_one_that_the_server_has_cancelled_is_waited_for_and_not_cancelled_again():
    may_end = asyncio.Event()
    cancellations = 0

    async def app(scope, receive, send):
        """As Django does while a thread works for the request."""
        nonlocal cancellations
        while not may_end.is_set():
            try:
                await may_end.wait()
            except asyncio.CancelledError:
                cancellations += 1

    requests = Requests(app)
    request = Request(requests)
    await settled()
    request.task.cancel()
    await settled()
    stopping = asyncio.create_task(requests.stop())
    await settled()
    assert (cancellations, stopping.done()) == (1, False)
    may_end.set()
    await stopping


async def test_everything_else_is_passed_on():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    requests = Requests(app)
    requests.close()
    await requests({"type": "websocket"}, None, None)
    await requests({"type": "lifespan"}, None, None)
    assert seen == ["websocket", "lifespan"]
    await requests.stop()
