"""The public data classes of the measurements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from monitoring.core.page_report import PageReport
from monitoring.core.signals import ClientSignals
from monitoring.core.stats.recent import Recent
from monitoring.core.verdicts import Judgement
from monitoring.core.wire.link import ProtectionCounters

MB = 1024 * 1024
LATENCY_SAMPLES = 100
FRAME_TIMES = 50

LONGEST_LATENCY_MS = 86_400_000.0
"""A day. Negative values, infinity and NaN are not round trips either, and one of them would spoil every average."""

MOST_FPS, MOST_LONG_FRAMES = 100_000.0, 1_000_000


@dataclass(slots=True)
class SystemMetrics:
    """One reading of the host. MB are 1024 * 1024 bytes; network counters are totals since the host's start.

    `as_dict` has the counters in whole bytes as well: rates made from rounded MB would move in steps of a kilobyte.
    If the host is not read, every value is None, never a false 0, and `reason` says why.
    """

    timestamp: float
    cpu_percent: float | None
    memory_percent: float | None
    memory_used_mb: float | None
    memory_total_mb: float | None
    network_sent_mb: float | None
    network_recv_mb: float | None
    reason: str | None = None

    @classmethod
    def unavailable(cls, timestamp: float, reason: str) -> SystemMetrics:
        return cls(timestamp, None, None, None, None, None, None, reason)

    def as_dict(self) -> dict[str, Any]:
        return {
            "cpu_percent": rounded(self.cpu_percent, 1),
            "memory_percent": rounded(self.memory_percent, 1),
            "memory_used_mb": rounded(self.memory_used_mb, 1),
            "memory_total_mb": rounded(self.memory_total_mb, 1),
            "network_sent_mb": rounded(self.network_sent_mb, 3),
            "network_recv_mb": rounded(self.network_recv_mb, 3),
            "network_sent_bytes": _whole_bytes(self.network_sent_mb),
            "network_recv_bytes": _whole_bytes(self.network_recv_mb),
            "reason": self.reason,
        }


@dataclass(slots=True)
class ClientMetrics:
    """One client; times are UTC epoch seconds, bytes are counted from the server's side.

    `latency_samples` holds the last 100 measured round trips in milliseconds; a deque given for it is copied. `fps`,
    `frame_time_ms` and `low_fps` are the client's own last report, None while it does not draw because its tab is
    `hidden`; `long_frames` are all that it reported, and `slow_frames_percent` is their share of the frames since the
    report before. Values that it never reported are None. `fps_total` is the sum of all reports and `frame_times` their
    mean frame times in milliseconds. `user` and `room` are what the project says, `user_agent`
    what its handshake said, and `page` what the client library adds to how it draws, None without it. `signals` and
    `judgement` are the latest reading of its connection and what explains it; None before the first. `sent_count` is
    how many messages it was sent, `last_sent_time` that of the last tick before one. The last round trip has counted
    until `latency_at`, and counts on until `latency_until` unless another one is measured.
    """

    client_id: str
    connected_at: float
    message_count: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    last_message_time: float = 0.0
    latency_samples: Recent = field(default_factory=lambda: Recent(maxlen=LATENCY_SAMPLES))
    fps: float | None = None
    path: str = ""
    remote: str = ""
    fps_total: float = 0.0
    frame_times: Recent | None = None
    frame_time_ms: float | None = None
    low_fps: float | None = None
    long_frames: int | None = None
    hidden: bool | None = None
    user: str | None = None
    room: str | None = None
    slow_frames_percent: float | None = None
    drew_at: float | None = None
    user_agent: str = ""
    signals: ClientSignals | None = None
    judgement: Judgement | None = None
    page: PageReport | None = None
    sent_count: int = 0
    last_sent_time: float = 0.0
    latency_at: float = 0.0
    latency_until: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.latency_samples, Recent):
            self.latency_samples = Recent(self.latency_samples, maxlen=LATENCY_SAMPLES)

    @property
    def average_latency_ms(self) -> float:
        return self.latency_samples.average

    def measured(self, latency_ms: float, now: float, window: float) -> None:
        """A round trip took so long. It counts for each second until the next one, for at most the `window`."""
        self.hold_latency(now)
        self.latency_samples.append(latency_ms)
        self.latency_at, self.latency_until = now, now + window

    def confirmed(self, now: float, window: float) -> None:
        """The last round trip still holds, and counts on as a new one would."""
        self.hold_latency(now)
        self.latency_at, self.latency_until = now, now + window

    def hold_latency(self, now: float) -> None:
        """Counts the seconds until now for which the last round trip has held."""
        seconds = round(min(now, self.latency_until) - self.latency_at)
        if seconds > 0:
            self.latency_samples.hold(seconds)
            self.latency_at += seconds

    def drew(
        self,
        fps: float,
        frame_time_ms: float,
        low_fps: float | None = None,
        long_frames: int | None = None,
        *,
        hidden: bool = False,
        now: float | None = None,
    ) -> None:
        """The client reports its frame rate and the mean time of a frame; while it is hidden it draws nothing."""
        self.hidden = hidden
        since, self.drew_at = self.drew_at, None if hidden else now
        self.slow_frames_percent = None
        if hidden:
            self.fps = self.frame_time_ms = self.low_fps = None
            return
        if long_frames is not None and since is not None and now is not None and fps * (now - since) >= 1:
            self.slow_frames_percent = min(100.0, 100.0 * long_frames / (fps * (now - since)))
        self.fps, self.frame_time_ms, self.low_fps = fps, frame_time_ms, low_fps
        if long_frames is not None:
            self.long_frames = (self.long_frames or 0) + long_frames
        self.fps_total += fps
        if self.frame_times is None:
            self.frame_times = Recent(maxlen=FRAME_TIMES)
        self.frame_times.append(frame_time_ms)

    def connection_duration(self, now: float) -> float:
        """Seconds since the connection opened."""
        return now - self.connected_at


@dataclass(slots=True)
class ServerMetrics:
    """One node's view of itself; percentiles are None until a latency was measured."""

    uptime_seconds: float
    active_connections: int
    total_messages: int
    messages_per_second: float
    average_latency_ms: float
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    p99_latency_ms: float | None
    fps: float | None
    bytes_sent: int
    bytes_received: int
    errors: int = 0
    protection: ProtectionCounters = field(default_factory=ProtectionCounters)
    sessions_left_out: int = 0
    round_trips: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "uptime_seconds": round(self.uptime_seconds, 1),
            "active_connections": self.active_connections,
            "total_messages": self.total_messages,
            "messages_per_second": round(self.messages_per_second, 1),
            "average_latency_ms": round(self.average_latency_ms, 2),
            "p50_latency_ms": rounded(self.p50_latency_ms, 2),
            "p95_latency_ms": rounded(self.p95_latency_ms, 2),
            "p99_latency_ms": rounded(self.p99_latency_ms, 2),
            "fps": rounded(self.fps, 1),
            "bytes_sent": self.bytes_sent,
            "bytes_received": self.bytes_received,
            "errors": self.errors,
            "paused_reads": self.protection.paused_reads,
            "closed_slow": self.protection.closed_slow,
            "refused_messages": self.protection.refused_messages,
            "refused": dict(self.protection.refused),
            "sessions_left_out": self.sessions_left_out,
            "round_trips": self.round_trips,
        }


def can_be_drawn(fps: float, frame_time_ms: float, long_frames: int | None) -> bool:
    """Whether a client's report of how it draws can be true."""
    is_possible = 0 <= fps <= MOST_FPS and 0 <= frame_time_ms <= LONGEST_LATENCY_MS
    return is_possible and 0 <= (long_frames or 0) <= MOST_LONG_FRAMES


def _whole_bytes(megabytes: float | None) -> int | None:
    """Exact up to 2**53 bytes: dividing by a power of two has lost nothing."""
    return None if megabytes is None else round(megabytes * MB)


def rounded(value: float | None, digits: int) -> float | None:
    """The value to this many digits; unknown values stay None."""
    return None if value is None else round(value, digits)
