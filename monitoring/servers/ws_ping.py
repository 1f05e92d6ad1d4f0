"""Round trips by WebSocket pings, which every client answers by itself (RFC 6455, 5.5.2)."""

from __future__ import annotations

import struct
import time

from monitoring.core.heartbeat import LOST_SECONDS

HEADER = b"\x89\x08"
"""Of an unmasked ping with a payload of eight bytes (RFC 6455, 5.2)."""


class AwaitedPong:
    """The one ping of a connection whose answer is awaited."""

    __slots__ = ("_sent_at",)

    def __init__(self) -> None:
        self._sent_at = 0

    def __bool__(self) -> bool:
        return self._sent_at != 0

    def ping(self) -> bytes | None:
        """The ws_frame to send now, None while an answer may still come."""
        now = time.perf_counter_ns()
        if now - self._sent_at <= LOST_SECONDS * 1e9:
            return None
        self._sent_at = now
        # The servers' own ways to ping take several times as long to produce the same ten bytes.
        return HEADER + struct.pack("!Q", now)

    def unanswered_ms(self) -> float | None:
        """For how long an answer has been awaited; None if none is."""
        return (time.perf_counter_ns() - self._sent_at) / 1e6 if self._sent_at else None

    def answered(self, payload: bytes) -> float | None:
        """The milliseconds until this pong; None if it answers nothing, which a peer may send too."""
        if not self._sent_at or payload != struct.pack("!Q", self._sent_at):
            return None
        passed = time.perf_counter_ns() - self._sent_at
        self._sent_at = 0
        return passed / 1e6
