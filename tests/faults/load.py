"""What happens at a site's edge while something fails: avatars that send, and a viewer that watches."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import suppress
from itertools import pairwise

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from avatar_site.simulation import Plan, SimulationTotals, simulate
from tests.site import Site, eventually


class Load:
    """Simulated avatars in a thread, which count exactly what they send; they come back when they are cut off."""

    def __init__(self, site: Site, *, count: int = 4, rate: float = 10.0) -> None:
        self._plan = Plan(f"ws://127.0.0.1:{site.port}/ws/avatar/", count, rate, seed="a test's own")
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._totals = SimulationTotals()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """How many messages the server has been sent; it has read them all."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        return self._totals.messages_sent

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            self._totals = runner.run(simulate(self._plan, self._stop, print))


class Watcher:
    """A viewer in a thread, which notes when its frames came and what they said of the journal."""

    def __init__(self, site: Site, cookie: str) -> None:
        self.journals: list[dict] = []
        self.alerts: set[str] = set()
        self._times: list[float] = []
        self._connect = lambda: site.viewer(cookie)
        self._viewer: ClientConnection | None = None
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watcher:
        self._thread.start()
        eventually(lambda: self.journals, what="the first frame")
        return self

    def __exit__(self, *_: object) -> None:
        self._viewer.close()
        self._thread.join()

    @property
    def longest_gap(self) -> float:
        """Seconds between two frames, up to now."""
        times = [*self._times, time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(times))

    def _watch(self) -> None:
        with self._connect() as self._viewer, suppress(ConnectionClosed):
            while True:
                message = json.loads(self._viewer.recv())
                if message["type"] == "metrics":
                    self._times.append(time.monotonic())
                    self.journals.append(message["server"]["journal"])
                    self.alerts |= {alert["metric"] for alert in message["alerts"]}
