import asyncio

from monitoring.core import operator_close
from monitoring.core.connection import Connection
from monitoring.core.operator_close import disconnect
from monitoring.core.recorder import Recorder
from monitoring.core.wire.link import SCOPE_KEY as LINK_KEY
from tests.fakes import FakeLink
from tests.monitoring.core.test_recorder import connected, last_session, talking
from tests.waiting import until


async def test_an_operator_disconnects_a_client_and_its_application_is_told_as_usual(collector):
    told = []

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        told.append(await receive())

    client = talking(collector, app)
    await client.connect()
    assert await disconnect(collector, "ada") is True
    closed = await client.receive_output()
    assert (closed["type"], closed["code"]) == ("websocket.close", 4411)
    await client.disconnect(4411)
    session = last_session(collector)
    assert (told[0]["type"], session.close_code, session.ended) == (
        "websocket.disconnect",
        4411,
        "disconnected by an operator",
    )


async def test_a_client_that_is_not_connected_cannot_be_disconnected(collector):
    client = await connected(collector)
    assert await disconnect(collector, "ben") is None
    await client.disconnect()


async def test_what_the_application_sends_after_that_goes_nowhere_and_raises_nothing(collector):
    """uvicorn objects to messages after a close."""
    is_cut, closed = asyncio.Event(), []

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        await is_cut.wait()
        await send({"type": "websocket.send", "text": "late"})
        await send({"type": "websocket.close"})

    async def send(message):
        if closed:
            raise RuntimeError("Unexpected ASGI message after sending 'websocket.close'")
        closed.extend([message] if message["type"] == "websocket.close" else [])

    recorder = Recorder(app, collector)
    scope = {"type": "websocket", "path": "/", "query_string": b"client_id=ada"}
    running = asyncio.create_task(recorder(scope, asyncio.Event().wait, send))
    await until(lambda: "ada" in collector.client_metrics)
    await disconnect(collector, "ada")
    is_cut.set()
    await running
    assert collector.client_metrics == {}


async def test_a_client_that_reads_nothing_is_dropped_by_its_server(collector, monkeypatch):
    monkeypatch.setattr(operator_close, "CLOSING_SECONDS", 0.01)
    link = FakeLink()

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    async def send(message):
        if message["type"] == "websocket.close":
            await asyncio.Event().wait()

    recorder = Recorder(app, collector)
    scope = {"type": "websocket", "path": "/", "query_string": b"client_id=ada", LINK_KEY: link}
    running = asyncio.create_task(recorder(scope, asyncio.Event().wait, send))
    await until(lambda: "ada" in collector.client_metrics)
    assert await disconnect(collector, "ada") is True
    assert link.aborted == 1
    running.cancel()


async def test_a_client_that_reads_nothing_and_one_that_has_just_left_are_no_failures(collector, monkeypatch):
    monkeypatch.setattr(operator_close, "CLOSING_SECONDS", 0.01)
    failed = []
    monkeypatch.setattr(collector.rescue, "failed", failed.append)

    async def waits(message):
        await asyncio.Event().wait()

    async def has_left(message):
        raise ConnectionResetError

    for name, send in (("ada", waits), ("bob", has_left)):
        connection = Connection({"path": "/", "query_string": f"client_id={name}".encode()}, collector)
        connection.accepted()
        connection.send = send
        assert await disconnect(collector, name) is False
    assert failed == []


async def test_a_client_that_could_not_be_disconnected_may_be_tried_again(collector):
    async def fails(message):
        raise RuntimeError

    async def works(message):
        """The server takes it."""

    connection = Connection({"path": "/", "query_string": b"client_id=ada"}, collector)
    connection.accepted()
    connection.send = fails
    assert await disconnect(collector, "ada") is False
    connection.send = works
    assert await disconnect(collector, "ada") is True
