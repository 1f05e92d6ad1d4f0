"""SPEC.md's scalability table, measured: CPU, memory and broadcast time over the number of clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks import footprint
from tests.benchmarks.arena import Arena
from tests.benchmarks.load import FRAME, Tally, avatars, paced, watching
from tests.benchmarks.machine import in_words
from tests.benchmarks.overhead import percent
from tests.benchmarks.server import Server
from tests.benchmarks.sockets import TEXT, Socket, frame
from tests.site import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- benchmark_monitoring --table: begin -->", "<!-- end -->"

SPEC = {
    1: ("0.02 %", "10 KB", "0.5 ms"),
    10: ("0.05 %", "50 KB", "1.2 ms"),
    50: ("0.15 %", "250 KB", "3.5 ms"),
    100: ("0.25 %", "500 KB", "6.0 ms"),
    500: ("1.00 %", "2.5 MB", "25 ms"),
}
"""What SPEC.md says: CPU, memory and broadcast time."""

SIZES = (*SPEC, 2_000, 10_000)
MOST_PER_SECOND = 2_000
"""Messages a second of all clients together: a daphne takes about four times as many, the load as well."""

MANY = 1_000
WARM_UP_SECONDS = 1.5
BROADCASTS = 4
SUBSCRIBE = frame(TEXT, b'{"type":"subscribe","channel":"metrics"}')


@dataclass(frozen=True, slots=True)
class Scale:
    """What `clients` clients cost: percent of a core with and without monitoring, bytes, seconds."""

    clients: int
    each_per_second: float
    cpu_on: float
    cpu_off: float
    memory: int
    broadcast: float

    @property
    def cpu(self) -> float:
        return self.cpu_on - self.cpu_off

    def __str__(self) -> str:
        return f"{self.clients} clients: {self.cpu:.2f} %, {size(self.memory)}, {self.broadcast * 1000:.1f} ms"


def measured(arena: Arena, sizes: Iterable[int] = SIZES) -> Iterator[Scale]:
    empty = arena.run_alone(footprint.__name__, "memory", 0)
    with arena.site_on_daphne() as on, arena.site_unwatched() as off:
        for clients in sizes:
            memory = arena.run_alone(footprint.__name__, "memory", clients) - empty
            each = min(1.0, MOST_PER_SECOND / clients)
            rounds = 1 if clients > MANY else int(arena.choose(3, 1))
            readings = [asyncio.run(_round(arena, on, off, clients, each)) for _ in range(rounds)]
            cpu_on, cpu_off, broadcast = (median(values) for values in zip(*readings, strict=True))
            yield Scale(clients, each, cpu_on, cpu_off, memory, broadcast)


async def _round(arena: Arena, on: Server, off: Server, clients: int, each: float) -> tuple[float, float, float]:
    """Both servers in turn, so that no more connections are open at a time than a process may have."""
    seconds = arena.choose(10, 3)
    async with avatars(off.port, clients, Tally()) as sockets:
        await paced(sockets, each, WARM_UP_SECONDS)
        cpu_off = await percent(off, sockets, seconds, each)
    broadcast = Broadcast(clients)
    async with avatars(on.port, clients, broadcast) as sockets:
        async with watching(on.port, 1, Tally(), arena.cookie):
            await paced(sockets, each, WARM_UP_SECONDS)
            cpu_on = await percent(on, sockets, seconds, each)
        for socket in sockets:
            socket.send(SUBSCRIBE)
        async with asyncio.timeout(60):
            await broadcast.done.wait()
    return cpu_on, cpu_off, broadcast.seconds


class Broadcast(Tally):
    """Times how long it takes from a tick until the last of all subscribed avatars has the tick's frame."""

    def __init__(self, clients: int) -> None:
        super().__init__()
        self.done = asyncio.Event()
        self._clients = clients
        self._arrived: dict[bytes, int] = {}
        self._took: list[float] = []

    @property
    def seconds(self) -> float:
        return median(self._took)

    def take_answer(self, socket: Socket, text: bytes) -> None:
        if not text.startswith(FRAME):
            super().take_answer(socket, text)
            return
        # All frames of a tick begin alike.
        head = text[:100]
        self._arrived[head] = self._arrived.get(head, 0) + 1
        if self._arrived[head] == self._clients:
            self._took.append(time.time() - msgspec.json.decode(text)["timestamp"])
            if len(self._took) >= BROADCASTS:
                self.done.set()


def size(count: int) -> str:
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def rendered(scales: Iterable[Scale], machine: dict[str, Any]) -> str:
    """The table in Markdown, SPEC.md's figures beside each of ours."""
    lines = [
        "| Clients | CPU overhead | SPEC.md | Memory overhead | SPEC.md | Broadcast time | SPEC.md |",
        "|---|---|---|---|---|---|---|",
    ]
    for scale in scales:
        cpu, memory, broadcast = SPEC.get(scale.clients, ("-", "-", "-"))
        rate = "" if scale.each_per_second == 1 else f" (at {scale.each_per_second:g} messages/s each)"
        cells = [f"{scale.clients}{rate}", f"{scale.cpu:.2f} %", cpu, size(scale.memory), memory]
        lines.append(f"| {' | '.join([*cells, f'{scale.broadcast * 1000:.1f} ms', broadcast])} |")
    return "\n".join([*lines, "", f"Measured on {in_words(machine)}."])


def renewed(page: str, block: str) -> str:
    """The page with a new block between its marks. Raises ValueError when it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{begin}\n{block}\n{end}{after}"
