import json
from urllib.parse import urlencode

import pytest

from avatar_site.consumers import AvatarConsumer
from avatar_site.front.addresses import AddressRates
from avatar_site.rooms import Rooms
from monitoring import runtime
from monitoring.core.recorder import Recorder
from monitoring.core.wire.link import SCOPE_KEY
from monitoring.runtime import Runtime
from tests.fakes import FakeClock, FakeLink, fake_monitor
from tests.waiting import PatientCommunicator, until


@pytest.fixture
def monitor(monkeypatch, settings):
    settings.AVATAR_AUTH = "open"
    settings.AVATAR_MONITORING = {}
    monitor = fake_monitor(FakeClock())
    monkeypatch.setattr(runtime, "current", lambda: Runtime(hub=None, monitor=monitor))
    return monitor


@pytest.fixture
async def connect(monitor):
    """Opens an avatar's socket, counted as on the site."""
    rooms, opened, rates = Rooms(), [], AddressRates(3)

    async def consumer(scope, receive, send):
        await AvatarConsumer(rooms, rates)(scope, receive, send)

    recorder = Recorder(consumer, monitor.collector)

    async def open_one(link: FakeLink | None = None, address: str = "127.0.0.1", **query: str) -> PatientCommunicator:
        socket = PatientCommunicator(recorder, f"/ws/avatar/?{urlencode(query)}")
        socket.scope["client"] = [address, 1]
        if link is not None:
            link.tells = link.measures = False
            socket.scope[SCOPE_KEY] = link
        opened.append(socket)
        assert (await socket.connect())[0]
        return socket

    yield open_one
    for socket in opened:
        socket.future.cancel()
    rooms.pump.stop()


async def heard(socket: PatientCommunicator, kind: str) -> dict:
    while (message := await socket.receive_json_from())["type"] != kind:
        continue
    return message


async def ended(socket: PatientCommunicator) -> tuple[str, int]:
    """The last error, and the close code."""
    code = ""
    while (output := await socket.receive_output())["type"] != "websocket.close":
        message = json.loads(output["text"])
        code = message.get("code", code)
    return code, output["code"]


async def test_a_client_that_lost_its_connection_gets_its_place_back_at_once(connect, monitor):
    ada, bob = await connect(client_id="ada"), await connect(client_id="bob")
    token = (await heard(ada, "welcome"))["resume"]
    await heard(bob, "joined")
    back = await connect(client_id="ada", resume=token)
    assert (await heard(back, "welcome"))["client_id"] == "ada"
    assert await ended(ada) == ("replaced", 4410)
    await back.send_json_to({"type": "say", "text": "here I am"})
    assert await bob.receive_json_from() == {"type": "say", "text": "here I am", "client_id": "ada"}
    assert sorted(monitor.collector.client_metrics) == ["ada", "bob"], "it is still counted under its own name"
    *_, closed, opened = monitor.collector.sessions.take()
    assert (closed.client_id, closed.close_code, closed.ended) == ("ada", 4410, "replaced")
    assert (opened.client_id, opened.ended) == ("ada", "")


async def test_the_end_of_the_old_connection_does_not_end_the_new_one(connect, monitor):
    ada = await connect(client_id="ada")
    token = (await heard(ada, "welcome"))["resume"]
    back = await connect(client_id="ada", resume=token)
    await ended(ada)
    await ada.disconnect()
    assert list(monitor.collector.client_metrics) == ["ada"]
    await back.send_json_to({"type": "ping", "t": 1})
    assert (await heard(back, "pong"))["t"] == 1


async def test_others_are_refused_with_4409(connect):
    ada = await connect(client_id="ada")
    token = (await heard(ada, "welcome"))["resume"]
    assert await ended(await connect(client_id="ada")) == ("refused", 4409)
    assert await ended(await connect(client_id="ada", resume=token + "x")) == ("refused", 4409)
    assert await ended(await connect(client_id="ada", room="attic", resume=token)) == ("refused", 4409)
    assert await ada.receive_nothing()


async def test_a_token_is_worthless_once_somebody_else_has_the_name(connect):
    ada = await connect(client_id="ada")
    token = (await heard(ada, "welcome"))["resume"]
    await ada.disconnect()
    eve = await connect(client_id="ada")
    await heard(eve, "welcome")
    assert await ended(await connect(client_id="ada", resume=token)) == ("refused", 4409)
    assert await eve.receive_nothing()


async def test_taking_over_works_the_same_over_a_link(connect):
    link = FakeLink()
    ada = await connect(link, client_id="ada")
    await until(lambda: link.ws_frames)
    welcome = json.loads(link.ws_frames[0][4:])
    back = await connect(client_id="ada", resume=welcome["resume"])
    await heard(back, "welcome")
    assert (await ended(ada))[1] == 4410
    assert link.aborted == 0


async def test_an_oversized_pose_is_refused_with_its_size_and_the_limit(connect):
    ada = await connect(client_id="ada")
    await ada.send_json_to({"type": "pose", "x": "y" * 5_000})
    error = await heard(ada, "error")
    assert error["message"] == "the pose has 5022 bytes without spaces: at most 4096 are allowed"


async def test_a_flood_of_large_messages_is_closed_before_it_harms_anybody(connect):
    ada = await connect(client_id="ada")
    for _ in range(12):
        await ada.send_json_to({"type": "pose", "x": "y" * 65_000})
    assert await ended(ada) == ("too_many_bytes", 4429)


async def test_all_connections_of_one_address_share_a_message_limit(connect):
    one, other = await connect(address="1.2.3.4"), await connect(address="1.2.3.4")
    for socket in (one, other):
        for number in range(20):
            await socket.send_json_to({"type": "ping", "t": number})
        assert await ended(socket) == ("too_many_messages", 4429)
    stranger, local = await connect(address="1.2.3.5"), await connect()
    for other in (stranger, local):
        await other.send_json_to({"type": "ping", "t": 1})
        await heard(other, "pong")


async def test_the_welcome_names_what_can_be_subscribed_to_and_the_list_of_rooms_comes(connect):
    ada = await connect(client_id="ada", room="attic")
    assert (await heard(ada, "welcome"))["channels"] == ["metrics", "rooms"]
    await ada.send_json_to({"type": "subscribe", "channel": "rooms"})
    assert (await heard(ada, "rooms"))["rooms"] == [{"room": "attic", "avatars": 1}]


async def test_a_channel_that_there_is_not_is_refused_by_its_name(connect):
    ada = await connect(client_id="ada")
    await ada.send_json_to({"type": "subscribe", "channel": "dreams"})
    assert "dreams" in (await heard(ada, "error"))["message"]
