import asyncio
import json

import pytest
from channels.consumer import SyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from monitoring.core.application_ping import JsonPing
from monitoring.core.collector import MetricsCollector
from monitoring.core.message_times import SCOPE_KEY as ARRIVALS_KEY
from monitoring.core.monitored import connection_of
from monitoring.core.recorder import Recorder
from monitoring.servers.arrivals import arrivals_of
from monitoring.servers.graceful_shutdown import GracefulShutdown
from tests.waiting import PatientCommunicator, settled


async def echo(scope, receive, send):
    """A tiny ASGI application: it answers each text with itself, "fail" with an exception, "close" with 4000."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "fail":
            raise RuntimeError("broken")
        if message.get("text") == "close":
            await send({"type": "websocket.close", "code": 4000})
            return
        await send({"type": "websocket.send", **{key: message[key] for key in ("text", "bytes") if key in message}})


class JsonEcho(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json(content)


class SyncEcho(SyncConsumer):
    def websocket_connect(self, event):
        self.send({"type": "websocket.accept"})

    def websocket_receive(self, event):
        self.send({"type": "websocket.send", "text": event["text"]})


def talking(collector, app=echo, path: str = "/ws/?client_id=ada", **options) -> PatientCommunicator:
    return PatientCommunicator(Recorder(app, collector, **options), path)


async def connected(collector, app=echo, **options) -> PatientCommunicator:
    client = talking(collector, app, **options)
    accepted, _ = await client.connect()
    assert accepted
    return client


def last_session(collector):
    return collector.sessions.take()[-1]


async def test_it_counts_messages_and_bytes_both_ways(collector):
    client = await connected(collector)
    await client.send_to(text_data="hello")
    assert await client.receive_from() == "hello"
    await client.send_to(text_data="안녕")
    assert await client.receive_from() == "안녕"
    await client.send_to(bytes_data=b"\x00\x01")
    assert await client.receive_from() == b"\x00\x01"
    ada = collector.client_metrics["ada"]
    assert (ada.message_count, ada.bytes_received, ada.bytes_sent) == (3, 13, 13)
    assert collector.total_messages == 3
    await client.disconnect()


async def test_a_client_that_leaves_is_gone_with_its_close_code(collector):
    client = await connected(collector)
    await client.disconnect(code=1001)
    assert collector.client_metrics == {}
    session = last_session(collector)
    assert (session.client_id, session.close_code, session.ended) == ("ada", 1001, "client closed")


async def test_a_broken_connection_was_not_closed_by_its_client(collector):
    client = await connected(collector)
    await client.disconnect(code=1006)
    session = last_session(collector)
    assert (session.close_code, session.ended) == (1006, "connection lost")


async def test_a_close_frame_without_a_code_is_a_close_frame(collector):
    client = await connected(collector)
    await client.send_input({"type": "websocket.disconnect"})
    await client.wait()
    session = last_session(collector)
    assert (session.close_code, session.ended) == (1005, "client closed")


async def test_a_client_that_was_sent_away_has_the_code_it_was_sent(collector):
    drain = GracefulShutdown()
    client = PatientCommunicator(drain.around(Recorder(echo, collector)), "/ws/?client_id=ada")
    await client.connect()
    await drain.stop()
    session = last_session(collector)
    assert (session.close_code, session.ended) == (4012, "server stopped")


async def test_a_closing_server_is_the_cause(collector):
    client = await connected(collector)
    await client.send_to(text_data="close")
    assert (await client.receive_output())["code"] == 4000
    await client.wait()
    session = last_session(collector)
    assert (session.close_code, session.ended) == (4000, "server closed")


async def test_a_failing_application_is_1011_and_its_exception_propagates(collector):
    client = await connected(collector)
    await client.send_to(text_data="fail")
    with pytest.raises(RuntimeError, match="broken"):
        await client.wait()
    session = last_session(collector)
    assert (session.close_code, session.ended) == (1011, "application failed")
    assert collector.active_connections == 0


class OddError(BaseException):
    pass


@pytest.mark.parametrize("error", [OddError(), BaseExceptionGroup("two", [OddError()]), asyncio.CancelledError()])
async def test_whatever_else_an_application_raises_is_its_own_failure(collector, error):
    async def failing(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        raise error

    with pytest.raises(type(error)):
        await Recorder(failing, collector)({"type": "websocket", "path": "/"}, connecting, ignoring)
    session = last_session(collector)
    assert (session.close_code, session.ended) == (1011, "application failed")
    assert session.error.startswith(("OddError", "tests.", "asyncio."))


async def connecting():
    return {"type": "websocket.connect"}


async def ignoring(message):
    """Nobody hears it."""


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt()])
async def test_a_process_that_ends_has_stopped_the_server(collector, error):
    async def ending(scope, receive, send):
        await send({"type": "websocket.accept"})
        raise error

    with pytest.raises(type(error)):
        Recorder(ending, collector)({"type": "websocket", "path": "/"}, connecting, ignoring).send(None)
    assert last_session(collector).ended == "server stopped"


async def test_a_cancelled_connection_is_cleaned_up(collector):
    client = await connected(collector)
    client.future.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.future
    session = last_session(collector)
    assert (session.close_code, session.ended) == (None, "server stopped")
    assert collector.client_metrics == {}


async def test_a_refused_connection_is_not_a_client(collector):
    async def refusing(scope, receive, send):
        await send({"type": "websocket.close"})

    accepted, _ = await talking(collector, refusing).connect()
    assert not accepted
    assert collector.sessions.take() == []


async def test_other_protocols_pass_unchanged(collector):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, receive, send))

    scope, receive, send = {"type": "http"}, object(), object()
    await Recorder(app, collector)(scope, receive, send)
    assert seen == [(scope, receive, send)]


async def test_the_callers_scope_is_not_changed(collector):
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)

    scope = {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}
    await Recorder(app, collector)(scope, None, None)
    assert connection_of(scopes[0]).client_id == "ada"
    assert scope == {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}


async def test_a_collector_that_raises_never_breaks_the_echo(collector, monkeypatch):
    def broken(*values, **options):
        raise RuntimeError("broken")

    for name in ("track_client_connection", "remove_client"):
        monkeypatch.setattr(collector, name, broken)
    client = await connected(collector)
    await client.send_to(text_data="hello")
    assert await client.receive_from() == "hello"
    await client.disconnect()
    assert collector.rescue.errors == 2


# Channels closes old connections of a thread, in which an earlier test may have left one.
@pytest.mark.django_db
async def test_an_unmodified_json_consumer_is_recorded(collector, in_memory_layer):
    client = await connected(collector, JsonEcho.as_asgi())
    await client.send_json_to({"hello": "world"})
    assert await client.receive_json_from() == {"hello": "world"}
    ada = collector.client_metrics["ada"]
    assert (ada.message_count, ada.bytes_received) == (1, len('{"hello": "world"}'))
    await client.disconnect()
    assert last_session(collector).messages == 1


# Channels closes old connections of a thread, in which an earlier test may have left one.
@pytest.mark.django_db
async def test_an_unmodified_sync_consumer_is_recorded_too(collector, in_memory_layer):
    client = await connected(collector, SyncEcho.as_asgi())
    await client.send_to(text_data="hello")
    assert await client.receive_from() == "hello"
    assert collector.client_metrics["ada"].bytes_sent == 5
    client.future.cancel()


async def refusing(scope, receive, send):
    await receive()
    await send({"type": "websocket.close", "code": 4000})


async def telling_why(scope, receive, send):
    connection_of(scope).turned_away()
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "no ticket"})
    await send({"type": "websocket.close", "code": 4401})


async def test_a_refused_handshake_is_not_a_session_and_is_counted_by_cause(collector):
    accepted, _ = await talking(collector, refusing).connect()
    assert not accepted
    assert (collector.sessions.take(), collector.active_connections) == ([], 0)
    assert collector.protection.refused == {"application": 1}


async def test_a_client_accepted_only_to_be_told_why_it_is_refused_does_not_count(collector):
    client = talking(collector, telling_why, "/ws/?client_id=boss")
    await client.connect()
    assert await client.receive_from() == "no ticket"
    assert (await client.receive_output())["code"] == 4401
    assert (collector.sessions.take(), collector.total_messages) == ([], 0)
    assert (collector.bytes_sent, collector.protection.refused) == (0, {})


async def test_a_client_that_is_closed_after_its_admission_is_not_refused(collector):
    client = await connected(collector)
    await client.send_to(text_data="close")
    assert (await client.receive_output())["code"] == 4000
    assert collector.protection.refused == {}
    assert last_session(collector).close_code == 4000


async def closing_once_it_is_over(scope, receive, send):
    """As consumers that call `close` in their `disconnect`, or for a client that another connection has replaced."""
    await receive()
    await send({"type": "websocket.accept"})
    message = await receive()
    if message["type"] == "websocket.receive":
        connection_of(scope).end(4410, "replaced")
    await send({"type": "websocket.close", "code": 4410})


@pytest.mark.parametrize("ended", ["replaced", "client closed"])
async def test_a_close_after_the_end_of_a_session_is_no_refusal(collector, ended):
    client = talking(collector, closing_once_it_is_over)
    await client.connect()
    if ended == "replaced":
        await client.send_to(text_data="{}")
        await client.receive_output()
    else:
        await client.disconnect()
    assert (last_session(collector).ended, collector.protection.refused) == (ended, {})


async def test_clients_that_are_connected_when_the_server_stops_are_stored_so(collector):
    recorder = Recorder(echo, collector)
    client = PatientCommunicator(recorder, "/ws/?client_id=ada")
    await client.connect()
    await recorder.stop()
    session = last_session(collector)
    assert (session.close_code, session.ended) == (None, "server stopped")
    await client.send_to(text_data="still served")
    assert await client.receive_from() == "still served"


async def run(collector, app, *sending):
    """The application with a client that connects; `sending` is the server's `send`."""

    async def receive():
        return {"type": "websocket.connect"}

    await Recorder(app, collector)({"type": "websocket", "path": "/ws/"}, receive, *sending)


async def test_an_application_that_hears_from_send_that_the_client_has_left_has_not_failed(collector):
    async def tells(scope, receive, send):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "news"})

    async def send(message):
        if message["type"] == "websocket.send":
            raise ConnectionResetError("the client has left")

    with pytest.raises(ConnectionResetError):
        await run(collector, tells, send)
    session = last_session(collector)
    assert (session.close_code, session.ended) == (None, "not told")


@pytest.mark.parametrize("bad", [{}, {"type": "websocket.send", "text": 17}])
async def test_what_is_wrong_with_a_message_is_for_the_server_to_say(collector, bad):
    sent = []

    async def app(scope, receive, send):
        await send(bad)

    async def send(message):
        sent.append(message)

    await run(collector, app, send)
    assert sent == [bad]


async def test_a_handshake_that_is_denied_with_a_response_is_refused(collector):
    async def app(scope, receive, send):
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})

    async def send(message): ...

    await run(collector, app, send)
    assert collector.protection.refused == {"application": 1}


async def test_a_client_is_asked_by_a_message_where_nobody_else_measures(collector):
    client = await connected(collector, ping=JsonPing())
    assert collector.round_trips.as_text() == "messages"
    await client.disconnect()


async def test_an_answer_to_a_ping_is_no_message_that_waits_for_its_consumer(collector):
    recorder = Recorder(echo, collector, ping=JsonPing())

    async def app(scope, receive, send):
        await recorder({**scope, ARRIVALS_KEY: arrivals_of(receive)}, receive, send)

    client = PatientCommunicator(app, "/ws/?client_id=ada")
    await client.connect()
    connection = collector.connections.of("ada")
    for _ in range(3):
        connection._pinged.ping()
        asked = json.loads(await client.receive_from())
        await client.send_to(json.dumps({"type": "pong", "id": asked["id"]}))
        await settled()
    assert collector.now.latencies.value("ada") is not None
    assert connection.times.read() == (None, None)
    await client.disconnect()


async def test_where_nobody_measures_the_server_is_named(collector):
    client = await connected(collector, server_name=lambda _send: "granian")
    assert collector.round_trips.as_text() == "not reported by granian"
    await client.disconnect()


@pytest.mark.parametrize(
    ("server", "message", "stops"),
    [
        ("uvicorn", {"code": 1012}, True),
        ("uvicorn", {"code": 1012, "reason": ""}, False),
        ("granian", {"code": 1012}, False),
    ],
)
async def test_only_uvicorn_says_that_it_stops_not_a_client_with_the_same_code(server, message, stops):
    async def application(_scope, receive, send):
        await send({"type": "websocket.accept"})
        await receive()

    async def receive():
        return {"type": "websocket.disconnect", **message}

    async def send(_message):
        pass

    recorder = Recorder(application, MetricsCollector(), server_name=lambda _send: server)
    await recorder({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert recorder.is_stopping() is stops
