import asyncio
import json

import pytest

from monitoring.core import application_ping
from monitoring.core.application_ping import AskedClient, JsonPing
from monitoring.core.rescue import Rescue
from tests.waiting import settled


class Socket:
    """A server's side of one connection, and the client's answers."""

    def __init__(self) -> None:
        self.sent = []
        self.arrived = asyncio.Queue()

    async def send(self, message):
        self.sent.append(message)

    def arrives(self, **message) -> None:
        self.arrived.put_nowait({"type": "websocket.receive", **message})

    def token(self) -> str:
        return json.loads(self.sent[-1]["text"])["id"]

    def answers(self, token: str = "") -> None:
        self.arrives(text=json.dumps({"type": "pong", "id": token or self.token()}))


@pytest.fixture
async def socket():
    return Socket()


@pytest.fixture
def rescue():
    return Rescue()


@pytest.fixture
def trips():
    return []


@pytest.fixture
async def client(socket, trips, rescue):
    client = AskedClient(JsonPing(), socket.send, rescue)
    client.on_round_trip = trips.append
    return client


async def heard(client, socket) -> dict:
    """The consumer's next message."""
    return await asyncio.wait_for(client.receiving(socket.arrived.get)(), 1)


def test_json_ping_asks_and_recognises_answers():
    ping = JsonPing({"op": "hb"}, {"op": "hb-ack"}, "nonce")
    assert json.loads(ping.message("a-1")) == {"op": "hb", "nonce": "a-1"}
    assert ping.token('{"op": "hb-ack", "nonce": "a-1", "more": 2}') == "a-1"
    assert ping.token(b'{"op": "hb-ack", "nonce": "a-1"}') == "a-1"


@pytest.mark.parametrize(
    "other",
    [
        "hello",
        "[]",
        "{}",
        '{"type":"pong"}',
        '{"type":"pong","id":1}',
        '{"id":"a"}',
        b"\xff",
        pytest.param('{"type":"pong","id":"a","x":"' + 1_000 * "x" + '"}', id="too long"),
    ],
)
def test_other_messages_are_no_answers(other):
    assert JsonPing().token(other) is None


async def test_an_answer_is_a_round_trip_and_does_not_reach_the_consumer(client, socket, trips):
    hearing = asyncio.create_task(heard(client, socket))
    await settled()
    client.ping()
    await settled()
    socket.answers()
    socket.arrives(text="hello")
    assert (await hearing)["text"] == "hello"
    (milliseconds,) = trips
    assert 0 < milliseconds < 1000


async def test_the_consumers_own_pongs_are_its_own(client, socket, trips):
    client.ping()
    await settled()
    socket.answers("17")
    assert json.loads((await heard(client, socket))["text"])["id"] == "17"
    assert trips == []


async def test_an_answer_that_waited_for_a_busy_consumer_is_not_a_round_trip(client, socket, trips):
    client.ping()
    await settled()
    socket.arrives(text="work")
    receive = client.receiving(socket.arrived.get)
    await receive()
    socket.answers()
    await asyncio.sleep(0.02)
    socket.arrives(text="hello")
    assert (await receive())["text"] == "hello"
    assert trips == []


async def test_one_answer_is_awaited_at_a_time_but_not_forever(client, socket, monkeypatch):
    client.ping()
    await settled()
    client.ping()
    await settled()
    assert len(socket.sent) == 1
    monkeypatch.setattr(application_ping, "LOST_SECONDS", 0.0)
    client.ping()
    await settled()
    assert len(socket.sent) == 2


async def test_a_late_answer_is_dropped(client, socket, trips, monkeypatch):
    monkeypatch.setattr(application_ping, "LOST_SECONDS", 0.0)
    client.ping()
    await settled()
    late = socket.token()
    client.ping()
    await settled()
    socket.answers(late)
    socket.arrives(text="hello")
    assert (await heard(client, socket))["text"] == "hello"
    assert trips == []


async def test_a_question_that_cannot_be_sent_harms_nobody(rescue):
    async def send(message):
        raise OSError("the client has left")

    client = AskedClient(JsonPing(), send, rescue)
    client.ping()
    await settled()
    client.stop()


async def test_a_broken_ping_of_the_project_is_counted_and_the_message_goes_on(socket, rescue):
    class Broken(JsonPing):
        def token(self, message):
            raise RuntimeError("broken")

    client = AskedClient(Broken(), socket.send, rescue)
    client.ping()
    await settled()
    socket.arrives(text="hello")
    assert (await heard(client, socket))["text"] == "hello"
    assert rescue.errors == 1
