"""A monitor with active clients, for measurements inside one process."""

from __future__ import annotations

import random

from monitoring import PerformanceMonitor
from monitoring.core.collector import MetricsCollector
from tests.fakes import FakeClock, FakeViewer, hub_of


class Populated:
    """A monitor, its hub, one viewer, and this many clients; `second` is what they do in one second.

    Time is that of `clock`, or the real one.
    """

    def __init__(self, clients: int, *, viewers: int = 1, clock: FakeClock | None = None) -> None:
        collector = MetricsCollector(clock=clock)
        self.monitor = PerformanceMonitor(collector=collector, stamps=clock)
        self.hub = hub_of(self.monitor)
        self.monitor.sinks.append(self.hub)
        self.viewers = [FakeViewer() for _ in range(viewers)]
        for viewer in self.viewers:
            self.hub.join(viewer)
        self._random = random.Random(1)
        # As long as a browser's own names.
        self.names = [f"{self._random.getrandbits(48):012x}" for _ in range(clients)]
        for name in self.names:
            self.monitor.collector.track_client_connection(name, "/ws/avatar/", "127.0.0.1")

    def second(self) -> None:
        """Each client sends one message and is answered; a fifth of them are pinged."""
        collector = self.monitor.collector
        for name in self.names:
            collector.track_message()
            collector.track_client_message(name, 0, self._random.randrange(40, 200))
            collector.track_client_sent(name, 60)
        for name in self.names[::5]:
            collector.track_client_latency(name, self._random.lognormvariate(3, 0.5))

    def age(self) -> None:
        """Gives each client a past of its own, up to an hour, as if it had not just connected."""
        for client in self.monitor.collector.client_metrics.values():
            past = self._random.uniform(0, 3600)
            client.connected_at -= past
            client.last_message_time -= self._random.uniform(0, 10)
            client.message_count += int(past * self._random.uniform(0.5, 20))
            client.bytes_received += client.message_count * self._random.randrange(40, 200)
            client.bytes_sent += client.message_count * self._random.randrange(40, 200)
            self.monitor.collector.track_client_rendered_frames(
                client.client_id, round(self._random.gauss(57, 5), 1), 17.0
            )

    def fall_silent(self, seconds: float) -> None:
        """Each client was last heard so long ago."""
        heard = self.monitor.collector.clock() - seconds
        for client in self.monitor.collector.client_metrics.values():
            client.last_message_time = min(client.last_message_time, heard)

    def measure_latencies(self, samples: int) -> None:
        """This many round trips of each client."""
        for name in self.names:
            for _ in range(samples):
                self.monitor.collector.track_client_latency(name, self._random.lognormvariate(3, 0.5))

    def tick(self) -> None:
        self.monitor.tick()

    def forget_frames(self) -> None:
        for viewer in self.viewers:
            viewer.frames.clear()
