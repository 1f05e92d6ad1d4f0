"""SPEC.md's scalability table, measured: CPU, memory and broadcast time over the number of clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks import footprint, overhead, rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.load import FRAME, Tally, avatars
from tests.benchmarks.machine import in_words
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
BROADCAST_SECONDS = 120
BROADCASTS = 4
SUBSCRIBE = frame(TEXT, b'{"type":"subscribe","channel":"metrics"}')


@dataclass(frozen=True, slots=True)
class Scale:
    """The cost of `clients` clients: percent of a core without monitoring and extra with it, bytes, seconds."""

    clients: int
    each_per_second: float
    cpu_off: float
    cpu: float
    memory: int
    broadcast: float

    def __str__(self) -> str:
        cpu = f"{self.cpu:.2f} % on top of {self.cpu_off:.1f} %"
        return f"{self.clients} clients: {cpu}, {size(self.memory)}, {self.broadcast * 1000:.1f} ms"


def measured(arena: Arena, sizes: Iterable[int] = SIZES) -> Iterator[Scale]:
    for clients in sizes:
        memory = arena.run_alone(footprint.__name__, "memory", clients)
        each = min(1.0, MOST_PER_SECOND / clients)
        turns = int(arena.choose(2 if clients > MANY else 4, 1))
        compared = overhead.compared(arena, clients, rounds_=turns, seconds=arena.choose(8, 3), each=each)
        readings = asyncio.run(compared)
        cpu = rounds.paired_difference(readings, overhead.ON, overhead.OFF)
        broadcast = asyncio.run(_broadcast(arena, clients))
        yield Scale(clients, each, median(readings[overhead.OFF]), cpu, memory, broadcast)


async def _broadcast(arena: Arena, clients: int) -> float:
    """Seconds from a tick until the last avatar has its frame, when all of them have subscribed."""
    broadcast = Broadcast(clients)
    with arena.site_on_daphne() as server:
        async with avatars(server.port, clients, broadcast) as sockets, asyncio.timeout(BROADCAST_SECONDS):
            for socket in sockets:
                socket.send(SUBSCRIBE)
            await broadcast.done.wait()
    return broadcast.seconds


class Broadcast(Tally):
    """Measures the time from a tick until the last of all subscribed avatars has the tick's frame."""

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
        overhead_cell = f"{scale.cpu:.2f} % (on top of {scale.cpu_off:.1f} %)"
        cells = [f"{scale.clients}{rate}", overhead_cell, cpu, size(scale.memory), memory]
        lines.append(f"| {' | '.join([*cells, f'{scale.broadcast * 1000:.1f} ms', broadcast])} |")
    return "\n".join([*lines, "", f"Measured on {in_words(machine)}."])


def renewed(page: str, block: str) -> str:
    """The page with a new block between its marks. Raises ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{begin}\n{block}\n{end}{after}"
