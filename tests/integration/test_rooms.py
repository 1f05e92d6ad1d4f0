"""Rooms under a real daphne, with monitoring off: what one avatar can do to the others and to its place."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import time
from contextlib import ExitStack

import msgspec
import pytest
import pytest_asyncio
from websockets.sync.client import ClientConnection

from tests.benchmarks.sockets import Socket, frame, open_all
from tests.integration.rude_socket import RudeSocket
from tests.pids import resident_mb
from tests.site import close_code, free_port, receive, running_site
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

CROWD = 280
FACE = 3_900
"""Bytes of a pose with all that face tracking may know: together with the others' it is more than a megabyte."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    variables = {"AVATAR_MONITORING_ENABLED": "false", "AVATAR_ALLOWED_ORIGINS": "capacitor://localhost,null"}
    with running_site(tmp_path_factory.mktemp("rooms"), **variables) as site:
        site.migrate()
        site.daphne()
        yield site


def pose(size: int, number: int = 0) -> bytes:
    return b'{"type":"pose","number":%d,"face":"%b"}' % (number, b"x" * size)


class Heard:
    """Counts what each client was told, by type and sender."""

    def __init__(self) -> None:
        self.of: dict[Socket, dict[tuple[str, str], dict]] = {}

    def take(self, socket: Socket, text: bytes) -> None:
        message = msgspec.json.decode(text)
        self.of.setdefault(socket, {})[message["type"], message.get("client_id", "")] = message

    def kinds(self, socket: Socket, kind: str) -> list[dict]:
        return [message for (one, _), message in self.of.get(socket, {}).items() if one == kind]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest_asyncio.fixture(loop_scope="module")
async def crowd(site, heard):
    paths = [f"/ws/avatar/?client_id=a{number}&room=crowd" for number in range(CROWD)]
    members = await open_all(site.port, paths, heard.take)
    for member in members:
        member.send(frame(1, pose(FACE)))
    yield members
    for member in members:
        member.close()


def read_messages(rude: RudeSocket, enough) -> list[dict]:
    """Lets a client that has read nothing so far read until it has enough."""
    data, messages = b"", []
    rude._socket.settimeout(20)
    while not enough(messages):
        part = rude._socket.recv(65536)
        assert part, f"the server closed after {len(messages)} messages"
        data += part
        while len(data) >= 4:
            length, start = data[1], 2
            if length == 126:
                length, start = int.from_bytes(data[2:4]), 4
            if len(data) < start + length:
                break
            if data[0] & 15 == 1:
                messages.append(json.loads(data[start : start + length]))
            data = data[start + length :]
    return messages


def names(messages: list[dict], kind: str) -> set[str]:
    return {message["client_id"] for message in messages if message["type"] == kind}


async def test_a_slow_reader_can_enter_a_room_with_a_megabyte_of_poses(site, crowd, heard):
    everybody = {f"a{number}" for number in range(CROWD)}
    await until(lambda: len(heard.kinds(crowd[0], "pose")) == CROWD - 1, seconds=30)
    with RudeSocket(site.port, "/ws/avatar/?client_id=late&room=crowd") as late:
        await until(lambda: ("joined", "late") in heard.of[crowd[0]], seconds=10)

        def complete(messages: list[dict]) -> bool:
            return len(messages) >= 2 * CROWD and names(messages, "pose") == everybody

        messages = await asyncio.to_thread(read_messages, late, complete)
    assert messages[0]["type"] == "welcome"
    assert names(messages, "joined") == everybody


async def test_eighteen_senders_of_oversized_messages_do_not_block_the_room(site, heard):
    paths = [f"/ws/avatar/?client_id=big{number}&room=big" for number in range(18)]
    members = await open_all(site.port, paths, heard.take)
    for member in members:
        member.send(frame(1, pose(65_000)))
    await until(lambda: all(heard.kinds(member, "error") for member in members), seconds=10)
    (error,) = heard.kinds(members[0], "error")
    assert "at most 4096 are allowed" in error["message"]
    (late,) = await open_all(site.port, ["/ws/avatar/?client_id=late&room=big"], heard.take)
    await until(lambda: len(heard.kinds(late, "joined")) == 18, seconds=10)
    assert heard.kinds(late, "pose") == []
    for member in (*members, late):
        member.close()


async def test_a_flooding_sender_is_closed_and_a_slow_reader_is_not(site, heard):
    with RudeSocket(site.port, "/ws/avatar/?client_id=slow&room=flood") as slow:
        (flood,) = await open_all(site.port, ["/ws/avatar/?client_id=flood&room=flood"], heard.take)
        for number in range(90):
            flood.send(frame(1, pose(65_000, number)))
        await until(lambda: flood.closed, seconds=10)
        messages = await asyncio.to_thread(read_messages, slow, lambda messages: names(messages, "left") == {"flood"})
    assert names(messages, "pose") == set()
    assert [error["code"] for error in heard.kinds(flood, "error")] == ["too_many_bytes"]
    flood.close()


LAST = 119


def all_stand(messages: list[dict], members: list[Socket]) -> bool:
    """Whether the last pose of each announced avatar is the last one that it sent."""
    last = {message["client_id"]: message["number"] for message in messages if message["type"] == "pose"}
    return list(last.values()) == [LAST] * len(members)


async def test_a_member_that_reads_nothing_costs_little_and_then_sees_the_current_state(site, heard):
    senders = [f"/ws/avatar/?client_id=s{number}&room=deaf" for number in range(12)]
    with RudeSocket(site.port, "/ws/avatar/?client_id=deaf&room=deaf") as deaf:
        members = await open_all(site.port, senders, heard.take)
        before = resident_mb(site.processes[0].pid)
        for number in range(LAST + 1):
            for member in members:
                member.send(frame(1, pose(FACE, number)))
            await asyncio.sleep(0.005)

        await until(lambda: all_stand(heard.kinds(members[0], "pose"), members[1:]), seconds=20)
        grown = resident_mb(site.processes[0].pid) - before
        await asyncio.to_thread(read_messages, deaf, lambda messages: all_stand(messages, members))
    assert grown < 10
    for member in members:
        member.close()


@pytest.mark.parametrize(
    ("origin", "is_allowed"), [("capacitor://localhost", True), ("null", True), ("tauri://localhost", False)]
)
async def test_an_app_that_shows_pages_may_connect_if_it_is_listed(site, origin, is_allowed):
    answer = await asyncio.to_thread(first_bytes, site.port, origin)
    assert ("welcome" in answer) is is_allowed


def first_bytes(port: int, origin: str) -> str:
    """The server's answer to a handshake from a page of this origin, and the beginning of what follows."""
    request = (
        f"GET /ws/avatar/?client_id=app HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Origin: {origin}\r\n\r\n"
    )
    with sockets.create_connection(("127.0.0.1", port), timeout=5) as socket:
        socket.sendall(request.encode())
        answer = ""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not any(word in answer for word in ("welcome", "error", "HTTP/1.1 4")):
            part = socket.recv(4096)
            if not part:
                break
            answer += part.decode(errors="replace")
        return answer


@pytest.fixture
def other_port(site) -> int:
    port = free_port()
    site.daphne(port)
    return port


async def test_a_place_on_a_killed_node_is_taken_over_at_once_and_soon_free_for_others(site, other_port):
    await asyncio.to_thread(comes_back_after_the_kill, site, other_port)


def comes_back_after_the_kill(site, port: int) -> None:
    with ExitStack() as stack:

        def avatar(query: str, port: int | None = None) -> ClientConnection:
            return stack.enter_context(site.avatar(f"room=kill&client_id={query}", port=port))

        watch = avatar("watch")
        receive(watch, "welcome")
        avatar("eve", port)
        ada = avatar("ada", port)
        token = receive(ada, "welcome")["resume"]
        ada.send(json.dumps({"type": "pose", "x": 1}))
        assert receive(watch, "pose", seconds=15)["x"] == 1
        site.processes[-1].kill()
        back = avatar(f"ada&resume={token}")
        receive(back, "welcome")
        assert close_code(avatar("ada")) == 4409
        assert receive(watch, "left", seconds=30)["client_id"] == "eve"
        back.send(json.dumps({"type": "say", "text": "still here"}))
        assert receive(watch, "say")["client_id"] == "ada"
        receive(avatar("eve"), "welcome")
        assert receive(watch, "joined")["client_id"] == "eve"
