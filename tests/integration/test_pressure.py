"""Harmful clients under a real daphne: their cost in memory, and how the well-behaved ones fare.

The others' lag and round trips have a budget of 100 ms at the 99th percentile. On a quiet machine they take 20 ms; here
the 95th is held to it, and the 99th to a stall that a busy CI machine may have.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from statistics import quantiles

import msgspec
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.benchmarks.sockets import Socket, open_all
from tests.integration.rude_socket import RudeSocket, control_frame, header, masked
from tests.pids import resident_mb
from tests.site import Site, running_site
from tests.waiting import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone]

BUDGET_MS = 100.0
STALL_MS = 500.0
CROWD = 700
"""Idle avatars: a hundred rows and all alerts make each frame so large that what is not read would soon show."""

RUN_SECONDS = 5.0
KERNEL_MB = 3.0
"""At most so much of a connection's unread bytes is the operating system's and not the server's."""


class Metrics(msgspec.Struct):
    timestamp: float = 0.0
    server: dict = {}


class Watcher:
    """A viewer that reads everything it gets."""

    def __init__(self) -> None:
        self.server: dict = {}
        self.restart()

    def restart(self) -> None:
        self.lags: list[float] = []
        self.megabytes = 0.0

    def take(self, _socket: Socket, text: bytes) -> None:
        arrived = time.time()
        message = msgspec.json.decode(text, type=Metrics)
        if message.server:
            self.server = message.server
            self.lags.append((arrived - message.timestamp) * 1000)
            self.megabytes += len(text) / 2**20


def percentile(values: list[float], per_cent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[per_cent - 1]


def assert_prompt(milliseconds: list[float]) -> None:
    """Holds the budget except for the two or three worst of fifty, which a shared machine may cause."""
    assert percentile(milliseconds, 95) < BUDGET_MS
    assert percentile(milliseconds, 99) < STALL_MS


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    variables = {
        "AVATAR_METRICS_INTERVAL": "0.1",
        "AVATAR_STALE_CLIENT_SECONDS": "1",
        "AVATAR_MONITOR_CPU_BUDGET": "100",
    }
    with running_site(tmp_path_factory.mktemp("pressure"), **variables) as site:
        site.migrate()
        site.daphne(application="tests.integration.large_frames:application")
        yield site


@pytest.fixture(scope="module")
def cookie(site) -> str:
    return site.sign_in()


@pytest.fixture(scope="module")
def pid(site) -> int:
    return site.processes[0].pid


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def crowd(site):
    paths = [f"/ws/avatar/?client_id=avatar-{number}&room=room-{number}" for number in range(CROWD)]
    sockets = await open_all(site.port, paths, lambda *_: None)
    yield sockets
    for socket in sockets:
        socket.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def watcher(site, cookie):
    watcher = Watcher()
    (socket,) = await open_all(site.port, ["/ws/metrics/"], watcher.take, cookie)
    await until(lambda: watcher.server, seconds=5)
    yield watcher
    socket.close()


def client(site: Site, query: str = "") -> connect:
    return connect(
        f"ws://127.0.0.1:{site.port}/ws/avatar/?{query}", compression=None, max_queue=None, ping_interval=None
    )


async def ended(connection: ClientConnection) -> int | None:
    """The close code that the server sent, None if it dropped the connection."""
    async with asyncio.timeout(5):
        try:
            while True:
                await connection.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize(
    ("count", "talks", "allowed_mb"),
    [(1, False, 5), (1, True, 5), (50, False, 60)],
    ids=["silent", "one that keeps sending", "fifty"],
)
async def test_viewers_that_read_nothing_delay_nobody(site, cookie, pid, crowd, watcher, count, talks, allowed_mb):
    await until(lambda: watcher.server["active_connections"] >= CROWD, seconds=10)
    with ExitStack() as stack:
        before = resident_mb(pid)
        rude = [stack.enter_context(RudeSocket(site.port, "/ws/metrics/", cookie)) for _ in range(count)]
        await asyncio.sleep(0.2)  # their handshakes have kept this process from reading
        watcher.restart()
        end = time.monotonic() + RUN_SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(0.1)
            if talks:
                rude[0].send(b'{"type":"ack","seq":1000000}')
        grown = resident_mb(pid) - before
    assert grown < allowed_mb
    assert count * (watcher.megabytes - KERNEL_MB) > allowed_mb, "too little was sent for this to show anything"
    assert_prompt(watcher.lags)
    assert watcher.server["skipped_frames"] > 0


async def test_a_flood_of_10_kilobyte_messages_is_closed_and_costs_no_memory(site, pid, watcher):
    before, refused = resident_mb(pid), watcher.server["refused_messages"]
    text = '{"type":"ping","t":"' + "x" * 10_000 + '"}'
    sent = 0
    async with client(site, "client_id=flood") as flood:
        try:
            while sent < 80_000:
                await flood.send(text)
                sent += 1
        except ConnectionClosed:
            assert flood.close_code == 4429
    grown = resident_mb(pid) - before
    await until(lambda: watcher.server["refused_messages"] > refused)
    assert sent < 80_000
    assert grown < 10


async def test_a_flood_of_tiny_frames_is_closed_and_affects_nobody_else(site, pid, watcher):
    before = resident_mb(pid)
    trips: list[float] = []

    async def ping(connection: ClientConnection) -> None:
        while True:
            began = time.perf_counter()
            await connection.send('{"type":"ping"}')
            await connection.recv()
            trips.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.02)

    frames = masked(b"x") * 10_000
    async with client(site, "client_id=calm&room=calm") as calm, client(site, "client_id=tiny&room=tiny") as tiny:
        await calm.recv()
        pinging = asyncio.create_task(ping(calm))
        await asyncio.sleep(0.3)
        for _ in range(20):
            tiny.transport.write(frames)
        assert await ended(tiny) == 4400
        await asyncio.sleep(0.3)
        pinging.cancel()
    grown = resident_mb(pid) - before
    assert_prompt(trips)
    assert grown < 10


@pytest.mark.parametrize(
    "frames",
    [control_frame(9, b"x" * 125), control_frame(9), control_frame(10), b"\x00\x80" + bytes(4)],
    ids=["pings", "empty pings", "pongs", "fragments"],
)
async def test_a_flood_of_control_frames_is_dropped(site, pid, watcher, frames):
    before, refused = resident_mb(pid), watcher.server["refused_messages"]
    async with client(site, "client_id=flood") as flood:
        flood.transport.write(b"\x01\x80" + bytes(4) if frames[0] == 0 else b"")
        for _ in range(20):
            flood.transport.write(frames * 10_000)
        assert await ended(flood) is None
    grown = resident_mb(pid) - before
    await until(lambda: watcher.server["refused_messages"] == refused + 1)
    assert grown < 5


TOO_LONG = 64 * 1024 + 1
HALF = masked(b"x" * (TOO_LONG // 2 + 1))


@pytest.mark.parametrize(
    "data",
    [masked(b"x" * TOO_LONG), header(64 << 20) + bytes(4), b"\x01" + HALF[1:] + b"\x80" + HALF[1:]],
    ids=["64 KiB and 1", "the header of 64 MB", "two fragments"],
)
async def test_a_message_over_64_kilobytes_is_refused_and_counted(site, watcher, data):
    refused = watcher.server["refused_messages"]
    async with client(site) as rude:
        rude.transport.write(data)
        await ended(rude)
    await until(lambda: watcher.server["refused_messages"] == refused + 1)


async def test_the_frame_counts_protective_measures(watcher):
    assert {"paused_reads", "closed_slow", "refused_messages"} <= watcher.server.keys()
