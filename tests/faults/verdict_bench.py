"""The fault bench: makes clients and servers sick among healthy clients, and compares verdicts with what was done."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect

from monitoring.core.verdict_rules import LOOP_LAG_MS
from monitoring.core.verdicts import Verdict
from tests.faults.troubles import BLOCK, LAG, Patient, patients
from tests.site import ROOT, Site

HEALTHY = "healthy-"
INNOCENT = {None, Verdict.FINE, Verdict.UNKNOWN}
WITHIN = 10.0
"""Seconds from the beginning of a trouble until its verdict must be right."""

SHARE = 0.95
"""Of a server's clients that must carry its verdict."""

WARM_UP = 3.0
BLOCKED_LOOP = "blocked event loop"

Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """One trouble: what it was, what was said in the end, and after how many seconds it was right for good."""

    trouble: str
    size: str
    right: Verdict
    said: str
    seconds: float | None
    evidence: dict[str, float] = field(default_factory=dict)


@dataclass
class Results:
    """What was done to one server's clients, and what was said about it."""

    server: str
    outcomes: list[Outcome] = field(default_factory=list)
    starved: int = 0
    """Troubles of clients that do not count, because the server itself was late: by its own clock, not by ours."""
    watched: int = 0
    """Healthy clients, counted in each round."""
    accused: list[Row] = field(default_factory=list)
    """The first accusation of each healthy client in each round."""

    def of(self, trouble: str) -> list[Outcome]:
        return [one for one in self.outcomes if one.trouble == trouble]

    @property
    def troubles(self) -> list[str]:
        return list(dict.fromkeys(one.trouble for one in self.outcomes))

    def share_right(self, trouble: str) -> float:
        found = self.of(trouble)
        return sum(one.seconds is not None for one in found) / len(found)

    @property
    def share_innocent(self) -> float:
        return 1 - len(self.accused) / self.watched if self.watched else 1.0

    def lines(self) -> list[str]:
        """A table, and under it what was wrong."""
        lines = [f"{self.server:9}{'trouble':22}{'times':>6}{'right':>8}{'median':>9}{'longest':>9}  said instead"]
        for trouble in self.troubles:
            found = self.of(trouble)
            times = [one.seconds for one in found if one.seconds is not None]
            median, longest = (f"{statistics.median(times):.1f} s", f"{max(times):.1f} s") if times else ("-", "-")
            wrong = Counter(one.said for one in found if one.seconds is None)
            said = ", ".join(f"{count} × {verdict}" for verdict, count in wrong.items())
            row = f"{len(found):>6}{self.share_right(trouble):>8.0%}{median:>9}{longest:>9}  {said}"
            lines.append(f"{'':9}{trouble:22}{row}")
        accused = Counter(str(row["verdict"]) for row in self.accused)
        said = ", ".join(f"{count} × {verdict}" for verdict, count in accused.items())
        lines.append(f"{'':9}{'healthy, not accused':22}{self.watched:>6}{self.share_innocent:>8.1%}{'':18}  {said}")
        if self.starved:
            lines.append(f"{'':9}{self.starved} did not count: this machine was too busy, and the server late")
        lines += [
            f"    {one.trouble}, {one.size}: {one.said} {one.evidence}" for one in self.outcomes if one.seconds is None
        ]
        lines += [
            f"    accused: {row['client_id']} {row['verdict']} {row.get('evidence')}" for row in self.accused[:10]
        ]
        return lines


class Viewer:
    """Reads frames as a viewer gets them: each client's row, by its id."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, dict[str, Row]]] = []
        self._came = asyncio.Condition()

    async def read(self, port: int, cookie: str) -> None:
        async with connect(
            f"ws://127.0.0.1:{port}/ws/metrics/", additional_headers={"Cookie": cookie}, max_size=None
        ) as connection:
            await connection.send(json.dumps({"type": "view", "sort": "client_id", "limit": 100}))
            async for text in connection:
                message = json.loads(text)
                if message["type"] != "history" and "clients" in message:
                    await self._note({row["client_id"]: row for row in message["clients"]})

    async def _note(self, rows: dict[str, Row]) -> None:
        async with self._came:
            self.frames.append((asyncio.get_running_loop().time(), rows))
            self._came.notify_all()

    async def next(self) -> dict[str, Row]:
        """The rows of the next frame; raises TimeoutError if none comes."""
        async with self._came, asyncio.timeout(30):
            await self._came.wait()
        return self.frames[-1][1]

    def since(self, moment: float) -> list[tuple[float, dict[str, Row]]]:
        return [frame for frame in self.frames if frame[0] >= moment]

    def forget(self) -> None:
        self.frames.clear()


class Bench:
    """One site with its healthy crowd and one viewer."""

    def __init__(self, server: str, site: Site, viewer: Viewer, count: int, chance: random.Random) -> None:
        self.results = Results(server)
        self._site = site
        self._viewer = viewer
        self._count = count
        self._chance = chance

    async def sick_clients(
        self, label: str, of_each: int = 1, *, seconds: float = WITHIN, until_right: bool = False
    ) -> None:
        """One round: every trouble of clients at once, so many clients each; `until_right` ends it as soon as all
        verdicts are."""
        async with patients(self._site.port, label, of_each, self._chance) as sick:
            await asyncio.sleep(WARM_UP)
            self._viewer.forget()
            await self._lag()
            began = asyncio.get_running_loop().time()
            suffering = [asyncio.create_task(one.suffers()) for one in sick]
            while asyncio.get_running_loop().time() < began + seconds:
                rows = await self._viewer.next()
                if until_right and all(rows.get(one.client_id, {}).get("verdict") == one.right for one in sick):
                    break
            for task in suffering:
                task.cancel()
        frames = self._viewer.since(began)
        is_late = await self._lag() >= LOOP_LAG_MS
        outcomes = [self._judged(one, began, frames) for one in sick]
        counted = [one for one in outcomes if not (is_late and one.said == Verdict.SERVER_LOOP)]
        self.results.outcomes += counted
        self.results.starved += len(outcomes) - len(counted)
        self._watch(frames, {*INNOCENT, Verdict.SERVER_LOOP} if is_late else INNOCENT)

    async def blocked_loop(self, *, seconds: float = WITHIN) -> None:
        """One round: something blocks the event loop again and again, until all clients carry the server's verdict."""
        least, most = self._chance.uniform(0.2, 0.35), self._chance.uniform(0.35, 0.6)
        self._viewer.forget()
        blocking = asyncio.create_task(self._block(least, most))
        began = asyncio.get_running_loop().time()
        share, counts = 0.0, Counter[str]()
        right_at: float | None = None
        while (now := asyncio.get_running_loop().time()) < began + seconds:
            rows = await self._viewer.next()
            counts = Counter(str(row.get("verdict")) for name, row in rows.items() if name.startswith(HEALTHY))
            share = counts[Verdict.SERVER_LOOP] / self._count
            if share < SHARE:
                right_at = None
            elif right_at is None:
                right_at = now - began
            else:
                break
        blocking.cancel()
        await asyncio.gather(blocking, return_exceptions=True)
        size = f"{least * 1_000:.0f} to {most * 1_000:.0f} ms"
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        self.results.outcomes.append(Outcome(BLOCKED_LOOP, size, Verdict.SERVER_LOOP, said, right_at))

    async def recover(self, *, seconds: float = 20.0) -> float:
        """Waits until nobody carries a verdict of the server; how long it took, or as long as it waited."""
        began = asyncio.get_running_loop().time()
        while (now := asyncio.get_running_loop().time()) < began + seconds:
            rows = await self._viewer.next()
            if not any(row.get("verdict") == Verdict.SERVER_LOOP for row in rows.values()):
                break
        return now - began

    async def _block(self, least: float, most: float) -> None:
        while True:
            await self._get(f"{BLOCK}{self._chance.uniform(least, most) * 1_000:.0f}")
            await asyncio.sleep(self._chance.uniform(0.2, 0.9))

    async def _lag(self) -> float:
        return float(await self._get(LAG))

    async def _get(self, path: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._site.port)
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.rpartition(b"\r\n\r\n")[2].decode()

    def _judged(self, one: Patient, began: float, frames: Iterable[tuple[float, dict[str, Row]]]) -> Outcome:
        row: Row = {}
        since: float | None = None
        for at, rows in frames:
            row = rows.get(one.client_id, row)
            if row.get("verdict") != one.right:
                since = None
            elif since is None:
                since = at - began
        return Outcome(one.trouble, one.size, one.right, str(row.get("verdict")), since, row.get("evidence") or {})

    def _watch(self, frames: Collection[tuple[float, dict[str, Row]]], innocent: Collection[str | None]) -> None:
        accused: dict[str, Row] = {}
        healthy = {name for _, rows in frames for name in rows if name.startswith(HEALTHY)}
        for _, rows in frames:
            for name in healthy & rows.keys():
                if rows[name].get("verdict") not in innocent:
                    accused.setdefault(name, rows[name])
        self.results.watched += len(healthy)
        self.results.accused += accused.values()


@asynccontextmanager
async def running_bench(server: str, site: Site, *, count: int = 50, seed: str = "") -> AsyncIterator[Bench]:
    """A bench on a site that runs, once its healthy clients are connected and a frame shows them all."""
    crowd = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.avatars", str(site.port), str(count),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    viewer = Viewer()
    cookie = await asyncio.to_thread(site.sign_in)
    watching = asyncio.create_task(viewer.read(site.port, cookie))
    try:
        async with asyncio.timeout(30):
            assert await crowd.stdout.readline() == b"connected\n"
            while len(await viewer.next()) < count:
                pass
        yield Bench(server, site, viewer, count, random.Random(f"{seed} {server}"))
    finally:
        watching.cancel()
        crowd.stdin.close()
        await crowd.wait()
        await asyncio.gather(watching, return_exceptions=True)
