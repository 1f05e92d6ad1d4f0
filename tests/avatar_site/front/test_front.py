import asyncio
import json

import pytest

from avatar_site.front.addresses import networks
from avatar_site.front.door import Door, Limits
from avatar_site.front.front import AT_ONCE, MOST_BODY, OF_ONE_ADDRESS, Front, Lanes, Turn
from monitoring.core.wire.link import ProtectionCounters


class Site:
    """The application behind: it reads the whole body and answers 200, or lets every WebSocket in."""

    def __init__(self) -> None:
        self.scopes: list[dict] = []
        self.body = b""

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            return
        more = scope["type"] == "http"
        while more:
            message = await receive()
            self.body += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def door() -> Door:
    counted = ProtectionCounters()
    return Door(Limits(connections=1, per_address=1, trusted=networks("10.0.0.1")), lambda: counted)


def scope(kind: str = "http", path: str = "/", client=("1.2.3.4", 5), **headers: str) -> dict:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "path": path, "method": "GET", "client": client and list(client), "headers": raw}


async def ask(site, door, scope, *bodies: bytes) -> list[dict]:
    sent: list[dict] = []
    waiting = [{"type": "http.request", "body": body, "more_body": True} for body in bodies] or [
        {"type": "http.request", "body": b"", "more_body": True}
    ]
    waiting[-1]["more_body"] = False

    async def receive():
        return waiting.pop(0) if scope["type"] == "http" else {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    await Front(site, door)(scope, receive, send)
    return sent


async def test_health_is_answered_before_the_application(site, door):
    start, body = await ask(site, door, scope(path="/healthz"))
    assert (start["status"], json.loads(body["body"]), site.scopes) == (200, {"status": "ok"}, [])


async def test_the_application_sees_the_client_and_not_the_proxy(site, door):
    await ask(site, door, scope(client=("10.0.0.1", 5), x_forwarded_for="1.2.3.4"))
    await ask(site, door, scope(client=("6.6.6.6", 5), x_forwarded_for="1.2.3.4"))
    await ask(site, door, scope(client=None, x_forwarded_for="1.2.3.4"))
    assert [scope["client"] for scope in site.scopes] == [["1.2.3.4", 0], ["6.6.6.6", 5], ["1.2.3.4", 0]]


async def test_a_body_goes_through_as_it_is(site, door):
    (start,) = await ask(site, door, scope(), b"a" * 1000, b"b")
    assert (start["status"], site.body) == (200, b"a" * 1000 + b"b")


async def test_a_body_that_says_it_is_too_long_is_not_read(site, door):
    start, _ = await ask(site, door, scope(content_length=str(MOST_BODY + 1)))
    assert (start["status"], site.scopes, door.protection.refused) == (413, [], {"body": 1})


async def test_a_body_that_becomes_too_long_is_read_no_further(site, door):
    start, _ = await ask(site, door, scope(), b"a" * MOST_BODY, b"b", b"c" * MOST_BODY)
    assert (start["status"], len(site.body)) == (413, MOST_BODY)


async def test_only_so_many_requests_are_worked_on_at_a_time(door):
    answer = asyncio.Event()
    worked_on = 0

    async def slow(_scope, receive, send):
        nonlocal worked_on
        await receive()
        worked_on += 1
        await answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    front = Front(slow, door)
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asked = [asyncio.create_task(front(scope(client=("127.0.0.1", 5)), receive, send)) for _ in range(AT_ONCE + 1)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert worked_on == AT_ONCE
    (start, _) = await asyncio.wait_for(_health(front), 5)
    assert start["status"] == 200
    answer.set()
    # Who reads its answer slowly keeps nobody waiting.
    for _ in range(10):
        await asyncio.sleep(0)
    assert worked_on == AT_ONCE + 1
    for task in asked:
        task.cancel()


async def _health(front: Front) -> list[dict]:
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    await front(scope(path="/healthz", client=("127.0.0.1", 5)), None, send)
    return sent


async def test_a_websocket_too_many_is_denied(site, door):
    with door.inside("1.2.3.4", viewer=False):
        denied = {**scope("websocket", "/ws/avatar/"), "extensions": {"websocket.http.response": {}}}
        start, body = await ask(site, door, denied)
        assert (start["status"], b"AVATAR_MAX_CONNECTIONS_PER_ADDRESS" in body["body"]) == (429, True)
        assert await ask(site, door, scope("websocket", "/ws/avatar/")) == [{"type": "websocket.close", "code": 1013}]
        assert site.scopes == []
        assert await ask(site, door, scope("websocket", "/ws/metrics/")) == [{"type": "websocket.accept"}]


async def test_whoever_has_left_makes_room(site, door):
    for _ in range(3):
        assert await ask(site, door, scope("websocket", "/ws/avatar/")) == [{"type": "websocket.accept"}]


async def test_the_lifespan_of_the_server_goes_through(site, door):
    await ask(site, door, {"type": "lifespan"})
    assert site.scopes == [{"type": "lifespan"}]


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(networks("10.0.0.1"))


@pytest.fixture
async def start(lanes):
    """Begins to take so many turns for an address; gives each with its task."""
    tasks: list[asyncio.Task] = []

    async def begin(address: str | None, number: int) -> list[tuple[Turn, asyncio.Task]]:
        turns = [Turn(lanes, address) for _ in range(number)]
        begun = [(turn, asyncio.create_task(turn.take())) for turn in turns]
        tasks.extend(task for _, task in begun)
        await settled()
        return begun

    yield begin
    for task in tasks:
        task.cancel()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def working(begun) -> int:
    return sum(task.done() and not task.cancelled() for _, task in begun)


async def test_one_address_has_so_many_and_leaves_the_others_to_others(start):
    assert working(await start("1.2.3.4", 100)) == OF_ONE_ADDRESS
    assert working(await start("1.2.3.5", 1)) == 1


async def test_the_addresses_of_one_ipv6_subscriber_are_one(start):
    assert working(await start("2001:db8::1", 100)) == OF_ONE_ADDRESS
    assert working(await start("2001:db8::2", 1)) == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", None])
async def test_this_machine_and_proxies_may_have_them_all(start, address):
    assert working(await start(address, 100)) == AT_ONCE


async def test_whoever_leaves_makes_room_once(start, lanes):
    begun = await start("127.0.0.1", AT_ONCE + 5)
    begun[0][0].leave()
    begun[0][0].leave()
    await settled()
    assert working(begun) == AT_ONCE + 1


async def test_one_that_is_given_up_while_it_waits_takes_no_room(start, lanes):
    begun = await start("1.2.3.4", OF_ONE_ADDRESS + 1)
    turn, task = begun.pop()
    task.cancel()
    await settled()
    for waiting, _ in [*begun, (turn, task)]:
        waiting.leave()
    assert lanes.of_address == {}
    assert working(await start("127.0.0.1", AT_ONCE)) == AT_ONCE


async def test_a_second_take_does_not_wait(start):
    ((turn, _),) = await start("127.0.0.1", 1)
    await start("127.0.0.1", AT_ONCE)
    await asyncio.wait_for(turn.take(), 1)
