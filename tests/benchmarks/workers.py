"""Whether two server processes handle twice the messages of one, as `start_avatar_web_server --workers N` runs them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row
from tests.benchmarks.load import PING, Tally, avatar_paths, check_open, close_all
from tests.benchmarks.server import Server, cpu_seconds
from tests.benchmarks.sockets import Socket, open_all
from tests.site import eventually

AVATARS = 1_000
"""Ninety-five messages a second of each: several times what two workers answer on two cores."""

WARM_UP_SECONDS = 2.0
AT_LEAST_APART = 0.0105
"""Seconds between two messages of one avatar: the site allows a hundred a second."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Messages answered a second, and the shares of a core that the servers and the load took."""

    per_second: float
    servers: float
    load: float

    @property
    def per_core(self) -> float:
        return self.per_second / self.servers

    def __str__(self) -> str:
        return f"{self.per_second:.0f}/s with {self.servers:.2f} cores for servers, {self.load:.2f} for the load"


class Insistent(Tally):
    """Avatars that send as soon as they are answered, as often as the site allows."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._sent: dict[Socket, float] = {}

    def begin(self, socket: Socket) -> None:
        self._sent[socket] = self._loop.time()
        socket.send(PING)

    def take(self, socket: Socket, text: bytes) -> None:
        super().take(socket, text)
        self._loop.call_at(max(self._loop.time(), self._sent[socket] + AT_LEAST_APART), self._again, socket)

    def _again(self, socket: Socket) -> None:
        if not socket.closed:
            self.begin(socket)


def scaling(arena: Arena) -> Iterator[Row]:
    one, two = (_capacity(arena, workers) for workers in (1, 2))
    yield Row(
        "workers_scaling",
        "messages/s for each core that the servers get: 2 workers / 1 worker, both offered more than they can answer",
        two.per_core / one.per_core,
        "×",
        None,
        {"1 worker": str(one), "2 workers": str(two)},
        {
            "messages_per_server_core": {"1": round(one.per_core), "2": round(two.per_core)},
            "messages_per_second": {"1": round(one.per_second), "2": round(two.per_second)},
        },
    )


def _capacity(arena: Arena, workers: int) -> Capacity:
    with arena.whole_site(workers) as server:
        eventually(lambda: "The avatar site runs at" in server.logged(), seconds=30, what="the site is up")
        return asyncio.run(_measured(server, workers, arena.choose(8, 4)))


async def _measured(server: Server, workers: int, seconds: float) -> Capacity:
    pids = _servers_of(server)
    assert len(pids) == workers, f"{workers} workers, but {len(pids)} servers run"
    tally = Insistent()
    sockets = await open_all(server.port, avatar_paths(AVATARS), tally.take_answer)
    for socket in sockets:
        tally.begin(socket)
    await asyncio.sleep(WARM_UP_SECONDS)
    cpu, load, started, tally.texts = _total(pids), time.process_time(), time.monotonic(), 0
    await asyncio.sleep(seconds)
    passed = time.monotonic() - started
    found = Capacity(tally.texts / passed, (_total(pids) - cpu) / passed, (time.process_time() - load) / passed)
    check_open(sockets)
    close_all(sockets)
    return found


def _servers_of(site: Server) -> list[int]:
    children = psutil.Process(site.pid).children(recursive=True)
    return [child.pid for child in children if "daphne" in child.cmdline()]


def _total(pids: list[int]) -> float:
    return sum(cpu_seconds(pid) for pid in pids)
