"""Simulated avatars against a real WebSocket server in this process that counts what it gets."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import serve

from avatar_site import simulation
from avatar_site.simulation import Plan, SimulationTotals, simulate
from tests.site import ROOT, free_port


class Server:
    """Counts messages. `behave` is called for every new connection, after its welcome."""

    def __init__(self, behave=None) -> None:
        self.behave = behave
        self.queries: list[dict] = []
        self.messages: list[str] = []
        self.sent: list[str] = []
        self.close_codes: list[int | None] = []

    async def handle(self, connection) -> None:
        self.queries.append(parse_qs(urlsplit(connection.request.path).query))
        await self.send(connection, {"type": "welcome", "metrics_interval": 1, "resume": f"token {len(self.queries)}"})
        if self.behave:
            await self.behave(self, connection)
        async for message in connection:
            self.messages.append(message)
        self.close_codes.append(connection.close_code)

    async def send(self, connection, message: dict) -> None:
        self.sent.append(json.dumps(message))
        await connection.send(self.sent[-1])

    def kinds(self) -> set[str]:
        return {json.loads(message)["type"] for message in self.messages}


@asynccontextmanager
async def running(server: Server):
    async with serve(server.handle, "127.0.0.1", 0) as listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/ws/avatar/"


async def simulated(server: Server, seconds: float = 0.5, report=print, **plan) -> SimulationTotals:
    async with running(server) as url:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        return await simulate(Plan(url, **{"count": 3, "rate": 20, **plan}), stop, report)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(simulation, "FIRST_DELAY", 0.01)


async def test_the_totals_are_exactly_what_the_server_saw():
    server = Server()
    totals = await simulated(server)
    assert totals.avatars == 3
    assert totals.messages_sent == len(server.messages) > 15
    assert totals.bytes_sent == sum(len(message.encode()) for message in server.messages)
    assert totals.messages_received == len(server.sent) == 3
    assert totals.bytes_received == sum(map(len, server.sent))
    assert totals.reconnects == 0


async def test_each_avatar_has_a_name_and_enters_the_room():
    server = Server()
    await simulated(server, room="stage")
    assert sorted(query["client_id"][0] for query in server.queries) == ["sim-0001", "sim-0002", "sim-0003"]
    assert {query["room"][0] for query in server.queries} == {"stage"}


async def test_a_ticket_is_made_for_each_connection():
    server = Server()
    await simulated(server, count=1, seconds=0.1, ticket="ticket of {}".format)
    assert server.queries[0]["ticket"] == ["ticket of sim-0001"]


async def test_they_close_as_the_protocol_requires():
    server = Server()
    await simulated(server)
    assert server.close_codes == [1000, 1000, 1000]


async def test_a_ping_is_answered_at_once_and_counts():
    async def behave(server, connection):
        await server.send(connection, {"type": "ping", "id": 7})

    server = Server(behave)
    totals = await simulated(server, count=1, rate=0.01)
    assert {"type": "pong", "id": 7} in map(json.loads, server.messages)
    assert totals.messages_sent == len(server.messages)


async def test_they_send_telemetry(monkeypatch):
    monkeypatch.setattr(simulation, "TELEMETRY_SECONDS", 0.1)
    server = Server()
    await simulated(server, count=1)
    assert "telemetry" in server.kinds()


async def test_an_avatar_reconnects_after_losing_its_connection(at_once):
    async def behave(server, connection):
        if len(server.queries) == 1:
            connection.transport.abort()

    server = Server(behave)
    totals = await simulated(server, count=1)
    assert (totals.avatars, totals.reconnects) == (1, 1)


@pytest.mark.parametrize(
    ("code", "comes_back"), [(4012, True), (4408, True), (4429, True), (4401, False), (4410, False), (1000, True)]
)
async def test_the_close_code_decides_who_may_come_back(at_once, code, comes_back):
    async def behave(server, connection):
        if len(server.queries) == 1:
            await connection.close(code)

    reports = []
    totals = await simulated(Server(behave), count=1, seconds=0.3, report=reports.append)
    assert totals.reconnects == comes_back
    assert bool(reports) != comes_back


async def test_it_comes_back_with_the_token_of_its_last_welcome(at_once):
    async def behave(server, connection):
        if len(server.queries) < 3:
            connection.transport.abort()

    server = Server(behave)
    await simulated(server, count=1)
    assert [query.get("resume") for query in server.queries] == [None, ["token 1"], ["token 2"]]


async def test_an_avatar_whose_name_is_in_use_waits_for_it_and_says_so_once(at_once):
    async def behave(server, connection):
        if len(server.queries) < 5:
            await connection.close(4409)

    reports = []
    totals = await simulated(Server(behave), count=2, seconds=1.0, report=reports.append)
    assert totals.reconnects >= 3
    assert [report.partition(" ")[2] for report in reports] == ["waits because its name is in use"]


def names_of(server: Server) -> list[str]:
    return [query["client_id"][0] for query in server.queries]


class FullOfNamesakes(Server):
    """Another simulation's avatars already have the names, and as many more as are `taken`."""

    def __init__(self, taken=lambda name: len(name) == len("sim-0001")) -> None:
        super().__init__()
        self.taken = taken

    async def handle(self, connection) -> None:
        name = parse_qs(urlsplit(connection.request.path).query)["client_id"][0]
        if self.taken(name):
            self.queries.append({"client_id": [name]})
            await connection.close(4409)
        else:
            await super().handle(connection)


async def test_beside_another_simulation_avatars_take_other_names(at_once):
    server, reports = FullOfNamesakes(), []
    totals = await simulated(server, report=reports.append)
    assert totals.avatars == 3
    assert totals.reconnects == 0
    assert totals.messages_sent == len(server.messages) > 0
    # The first attempt of one may come after another's second.
    others = [name for name in names_of(server) if len(name) > len("sim-0001")]
    assert sorted(name[:8] for name in others) == ["sim-0001", "sim-0002", "sim-0003"]
    assert [report.partition(" ")[2] for report in reports] == ["takes another name because its own is in use"]


async def test_the_command_fails_if_nobody_was_admitted_although_all_connected():
    async with running(FullOfNamesakes(taken=bool)) as url:
        done = await asyncio.to_thread(simulate_avatars, "--count", "2", "--url", url, "--seconds", "0.5")
    assert done.returncode == 1
    assert done.stdout == "No avatar was admitted, so none sent a message\n"


async def test_a_refusal_is_reported_once_for_all_avatars():
    async def behave(server, connection):
        await connection.close(4403)

    reports = []
    await simulated(Server(behave), report=reports.append)
    assert len(reports) == 1
    assert reports[0].endswith("gives up: closed with 4403")


def simulate_avatars(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "simulate_avatars", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


async def test_the_command_prints_the_totals():
    server = Server()
    async with running(server) as url:
        options = ("--count", "2", "--url", url, "--rate", "10", "--seconds", "0.5", "--format", "json")
        done = await asyncio.to_thread(simulate_avatars, *options)
    totals = json.loads(done.stdout)
    assert done.returncode == 0
    assert totals["avatars"] == 2
    assert totals["messages_sent"] == len(server.messages) > 0


def test_the_command_fails_if_nobody_ever_connected():
    done = simulate_avatars("--count", "2", "--url", f"ws://127.0.0.1:{free_port()}/", "--seconds", "0.2")
    assert done.returncode == 1
    assert done.stdout == "No avatar was admitted, so none sent a message\n"
    assert done.stderr.count("cannot be reached, trying again: no server is listening there") == 1
    assert "start the site, or name its address with --url" in done.stderr


@pytest.mark.parametrize(("status", "said"), [(503, "trying again"), (403, "gives up")])
async def test_the_command_reports_the_answer_of_a_server_that_admits_nobody(status, said):
    async def answer(connection, request):
        return connection.respond(status, "come back later")

    async with serve(lambda _: None, "127.0.0.1", 0, process_request=answer) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        done = await asyncio.to_thread(simulate_avatars, "--count", "2", "--url", url, "--seconds", "0.5")
    assert done.returncode == 1
    assert said in done.stderr
    assert f"HTTP {status}" in done.stderr


async def test_the_command_fails_with_the_reason_if_all_are_refused():
    async def behave(server, connection):
        await connection.send('{"type": "error", "code": "refused", "message": "a ticket is needed"}')
        await connection.close(4401)

    async with running(Server(behave)) as url:
        done = await asyncio.to_thread(simulate_avatars, "--count", "2", "--url", url)
    assert done.returncode == 1
    assert "gives up: closed with 4401: a ticket is needed" in done.stderr


@pytest.mark.parametrize(("status", "comes_back"), [(503, True), (429, True), (403, False)])
async def test_the_status_of_a_refused_handshake_decides_who_may_come_back(at_once, status, comes_back):
    tries = []

    def refuse(connection, request):
        tries.append(request.path)
        return connection.respond(status, "no")

    reports = []
    async with serve(lambda _: None, "127.0.0.1", 0, process_request=refuse) as server:
        port = server.sockets[0].getsockname()[1]
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.3, stop.set)
        await simulate(Plan(url=f"ws://127.0.0.1:{port}/", count=1), stop, reports.append)
    assert (len(tries) > 1) == comes_back
