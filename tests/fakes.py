"""Stand-ins for what lies at the process's edge: time, the host, viewers and sinks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from monitoring.core.address_masks import Mask
from monitoring.core.collector import MetricsCollector
from monitoring.core.host import HostReading
from monitoring.core.hub import Hub
from monitoring.core.metrics import SystemMetrics
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.tick import Tick
from monitoring.core.view import View
from monitoring.core.wire.outgoing import Outgoing

START = 1_700_000_000.0


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class FakeProbe:
    """Reads whatever `metrics` says; raises `error` instead if it is set."""

    def __init__(self, **values: float | None) -> None:
        self.error: Exception | None = None
        self.metrics = replace(SystemMetrics(0.0, 10.0, 20.0, 1024.0, 4096.0, 5.0, 6.0), **values)

    def set(self, **values: float | None) -> None:
        self.metrics = replace(self.metrics, **values)

    def read(self, timestamp: float) -> SystemMetrics:
        if self.error is not None:
            raise self.error
        return replace(self.metrics, timestamp=timestamp)


class FakeHost:
    """A host whose counters a test sets."""

    def __init__(self, **values: float) -> None:
        self.reading = HostReading(0.0, 0.0, 0, 1, 0, 0, ())._replace(**values)

    def set(self, **values: float) -> None:
        self.reading = self.reading._replace(**values)

    def read(self) -> HostReading:
        return self.reading


class FakeViewer:
    """Keeps the texts that it is offered; `behind` refuses them, `error` is raised."""

    def __init__(self, view: View | None = None, client_id: str = "", address_mask: Mask = str) -> None:
        self.view = view or View()
        self.client_id, self.address_mask = client_id, address_mask
        self.frames: list[str] = []
        self.histories: list[str] = []
        self.behind = False
        self.error: Exception | None = None

    def offer_frame(self, frame: Outgoing, seq: int) -> bool:
        return self._take(self.frames, frame)

    def offer(self, message: Outgoing) -> bool:
        return self._take(self.histories, message)

    def _take(self, kept: list[str], message: Outgoing) -> bool:
        if self.error is not None:
            raise self.error
        if self.behind:
            return False
        kept.append(message.text)
        return True


class FakeSink:
    """Keeps the ticks; raises `error` instead if it is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.ticks: list[Tick] = []
        self.error = error

    def publish(self, tick: Tick) -> None:
        if self.error is not None:
            raise self.error
        self.ticks.append(tick)


class FakeMember:
    """An avatar in a room, what it received, and what was done with its connection."""

    def __init__(self, client_id: str, last_pose: Outgoing | None = None, admission: Any = None) -> None:
        self.client_id = client_id
        self.last_pose = last_pose
        self.admission = admission
        self.claim: Any = None
        self.texts: list[str] = []
        self.way_given = 0
        self.dismissals: list[tuple[int, str]] = []
        self.on_dismissed: Callable[[], object] = list

    def tell(self, item: Any) -> bool:
        self.texts.append(item.message.text)
        return True

    def introduce(self, items: Iterable[Any]) -> None:
        for item in items:
            self.tell(item)

    def give_way(self) -> None:
        self.way_given += 1

    def dismiss(self, code: int, cause: str, why: str) -> None:
        self.dismissals.append((code, cause))
        self.on_dismissed()


class FakeLink:
    """A server's view of one connection: `waiting` bytes are unsent, and every call is kept."""

    tells = measures = False

    def __init__(self, waiting: int = 0) -> None:
        self.waiting = waiting
        self.ws_frames: list[bytes] = []
        self.pings = 0
        self.aborted = 0
        self.paused: int | None = None
        self.unanswered: float | None = None
        self.dropped = self.lost = ""
        self.own_ping_seconds: float | None = None
        self.on_message: Callable[[int], None] | None = None
        self.on_round_trip: Callable[[float], None] | None = None
        self.on_closed: Callable[[int | None], None] | None = None

    def not_received(self) -> None:
        """Nothing waits for the application."""

    def unsent(self) -> int:
        return self.waiting

    def pauses(self) -> int | None:
        return self.paused

    def unanswered_ms(self) -> float | None:
        return self.unanswered

    def write(self, ws_frame: bytes) -> None:
        self.ws_frames.append(ws_frame)

    def ping(self) -> None:
        self.pings += 1

    def abort(self) -> None:
        self.aborted += 1


def fake_monitor(clock: FakeClock, probe: FakeProbe | None = None, **options: Any) -> PerformanceMonitor:
    """A monitor of a node "n1" that runs on one fake clock."""
    collector = MetricsCollector(probe=probe or FakeProbe(), clock=clock)
    return PerformanceMonitor(collector=collector, **{"node": "n1", "stamps": clock, **options})


def hub_of(monitor: PerformanceMonitor, **options: Any) -> Hub:
    """A hub for a monitor's viewers, not yet one of its sinks."""
    return Hub(monitor.reporter, monitor.meter, monitor.collector.rescue, **options)


def ticked(monitor: PerformanceMonitor, clock: FakeClock, seconds: float = 1.0) -> Tick:
    """The next tick, an interval later."""
    clock.advance(seconds)
    return monitor.tick()
