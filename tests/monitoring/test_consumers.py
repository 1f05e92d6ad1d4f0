import asyncio
import json

import pytest

from monitoring import runtime
from monitoring.consumers import BAD_MESSAGES, CLOSE_BAD_MESSAGES, CLOSE_TOO_MANY, SocketConsumer
from monitoring.core.wire.link import SCOPE_KEY, ProtectionCounters
from monitoring.core.wire.outgoing import Outgoing
from monitoring.runtime import Runtime
from tests.fakes import FakeLink
from tests.waiting import PatientCommunicator

AT_ONCE = 20
BYTES_AT_ONCE = 10_000


class Echo(SocketConsumer):
    """Answers each text with itself; "bad" is bad, "fail" fails and "close" closes."""

    messages_per_second = 0.0
    messages_at_once = AT_ONCE
    bytes_per_second = 0.0
    bytes_at_once = BYTES_AT_ONCE
    max_waiting = 256
    is_droppable = False

    def __init__(self) -> None:
        self.times_left = 0

    async def connect(self):
        await self.accept()
        self.open_outbox()

    async def receive(self, text):
        if text == "bad":
            raise ValueError("bad is not allowed")
        if text == "fail":
            raise RuntimeError("broken")
        if text == "close":
            await self.close(4000)
            return
        self.offer(Outgoing(text.encode()))

    def left(self):
        self.times_left += 1


class Refusing(Echo):
    async def connect(self):
        await self.close(4000)


@pytest.fixture
def protection(monitor, monkeypatch) -> ProtectionCounters:
    monkeypatch.setattr(runtime, "current", lambda: Runtime(hub=None, monitor=monitor))
    return monitor.collector.protection


@pytest.fixture(params=["with a link", "without a link"])
def link(request) -> FakeLink | None:
    return FakeLink() if request.param == "with a link" else None


@pytest.fixture
def echo(protection) -> Echo:
    return Echo()


@pytest.fixture
async def client(echo, link):
    client = talking(echo, link)
    await client.connect()
    yield client
    client.future.cancel()


def talking(consumer: SocketConsumer, link: FakeLink | None) -> PatientCommunicator:
    client = PatientCommunicator(consumer, "/ws/")
    if link is not None:
        client.scope[SCOPE_KEY] = link
    return client


async def said(client: PatientCommunicator, text: str, times: int = 1) -> None:
    for _ in range(times):
        await client.send_to(text_data=text)


async def outputs_until_close(client: PatientCommunicator) -> tuple[list[dict], int]:
    """The messages before the close, and its code."""
    messages = []
    while (output := await client.receive_output())["type"] != "websocket.close":
        messages.append(json.loads(output["text"]))
    return messages, output["code"]


async def test_a_message_is_answered(client, link):
    await said(client, '"hello"')
    if link is None:
        assert await client.receive_from() == '"hello"'
    else:
        await client.receive_nothing()
        assert link.ws_frames == [Outgoing(b'"hello"').ws_frame]


async def test_a_client_that_sends_too_many_messages_is_told_and_closed_with_4429(client, echo, protection):
    await said(client, "close me not", AT_ONCE + 5)
    while "error" not in (output := await client.receive_output())["text"]:
        continue
    assert json.loads(output["text"])["code"] == "too_many_messages"
    _, code = await outputs_until_close(client)
    assert code == CLOSE_TOO_MANY
    assert (protection.refused_messages, echo.times_left) == (1, 1)


@pytest.mark.parametrize("text", ["x" * BYTES_AT_ONCE, "가" * (BYTES_AT_ONCE // 3 + 1)])
async def test_a_client_that_sends_too_many_bytes_is_told_and_closed_with_4429(client, protection, text):
    await said(client, text, 2)
    while (output := await client.receive_output()).get("code") is None:
        last = output
    assert output["code"] == CLOSE_TOO_MANY
    assert json.loads(last["text"])["code"] == "too_many_bytes"
    assert protection.refused_messages == 1


async def test_a_binary_message_is_read_as_its_text(client, link, protection):
    await client.send_to(bytes_data=b"bad")
    assert (await client.receive_json_from())["message"] == "bad is not allowed"
    await client.send_to(bytes_data=b"\xff")
    assert (await client.receive_json_from())["message"] == "a binary message must be JSON in UTF-8: byte 0 is not"
    assert protection.refused_messages == 2


@pytest.mark.parametrize("sent", [{"text_data": "\ufeffbad\0"}, {"bytes_data": b"\xef\xbb\xbfbad\0\0"}])
async def test_a_byte_order_mark_and_a_trailing_nul_are_ignored(client, link, sent):
    await client.send_to(**sent)
    assert (await client.receive_json_from())["message"] == "bad is not allowed"


async def test_a_bad_message_is_reported_and_the_next_good_one_handled(client, echo, protection):
    await said(client, "bad")
    error = await client.receive_json_from()
    assert error == {"type": "error", "code": "bad_message", "message": "bad is not allowed"}
    assert (protection.refused_messages, echo.times_left) == (1, 0)


async def test_after_ten_bad_messages_the_connection_is_closed_with_4400(client, echo, protection):
    await said(client, "bad", BAD_MESSAGES)
    errors, code = await outputs_until_close(client)
    assert ([error["code"] for error in errors], code) == (["bad_message"] * BAD_MESSAGES, CLOSE_BAD_MESSAGES)
    assert (protection.refused_messages, echo.times_left) == (BAD_MESSAGES, 1)


async def test_nothing_is_received_or_offered_after_the_close(client, echo, protection):
    await said(client, "close")
    assert (await client.receive_output())["code"] == 4000
    await said(client, "bad", 3)
    assert await client.receive_nothing()
    assert echo.offer(Outgoing(b"x")) is False
    assert protection.refused_messages == 0


async def test_a_client_that_disconnects_has_left_once(client, echo):
    await client.disconnect()
    assert echo.times_left == 1


async def test_a_client_that_is_closed_and_then_disconnects_has_left_once(client, echo):
    await said(client, "close")
    await client.disconnect()
    assert echo.times_left == 1


async def test_a_client_whose_consumer_fails_has_left_once(client, echo):
    await said(client, "fail")
    with pytest.raises(RuntimeError, match="broken"):
        await client.wait()
    assert echo.times_left == 1


async def test_a_client_cancelled_by_a_stopping_server_has_left_once(client, echo):
    client.future.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.future
    assert echo.times_left == 1


async def test_a_client_that_was_never_admitted_never_left(protection, link):
    consumer = Refusing()
    client = talking(consumer, link)
    assert await client.connect() == (False, 4000)
    await client.disconnect()
    assert consumer.times_left == 0
