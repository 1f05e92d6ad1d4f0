"""uvicorn's side of one WebSocket: what waits to be sent, prepared frames, and pings.

It is there for both sans-I/O implementations, `--ws websockets-sansio`, the default, and `--ws wsproto`. uvicorn pauses
reading and makes `send` wait by itself. It handles a pong in a method of its own, which is watched here and still
called for every pong that is not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monitoring.core.wire.link import TOO_SLOW, ProtectionCounters, nobody_listens
from monitoring.servers.ws_ping import AwaitedPong

ATTRIBUTES = ("transport", "conn", "handshake_complete", "close_sent", "disconnected")
FOR_PINGS = ("handle_pong", "read_paused")


class UvicornLink:
    """The part of a link that uvicorn's protocol has."""

    tells = False

    def __init__(self, protocol: Any, protection: ProtectionCounters) -> None:
        self.dropped = ""
        self.on_message: Callable[[int], None] = nobody_listens
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self.on_closed: Callable[[int | None], None] = nobody_listens
        self._protocol = protocol
        self._protection = protection
        self._pong = AwaitedPong()
        self._has_waited = False
        self.unsent: Callable[[], int] = protocol.transport.get_write_buffer_size
        self.measures = all(hasattr(protocol, name) for name in FOR_PINGS)
        if self.measures:
            self._on_pong = protocol.handle_pong
            protocol.handle_pong = self._answered

    def write(self, ws_frame: bytes) -> None:
        protocol = self._protocol
        if protocol.handshake_complete and not protocol.close_sent and not protocol.disconnected:
            protocol.transport.write(ws_frame)

    def ping(self) -> None:
        # While reading is paused no answer can be seen.
        ws_frame = self._pong.ping() if self.measures and not self._protocol.read_paused else None
        if ws_frame is not None:
            self._has_waited = False
            self.write(ws_frame)

    def unanswered_ms(self) -> float | None:
        return None if self._has_waited or self._protocol.read_paused else self._pong.unanswered_ms()

    def taking(self) -> None:
        """The application takes its next message: if reading is paused, an answer may be waiting behind it."""
        if self._pong and self._protocol.read_paused:
            self._has_waited = True

    def pauses(self) -> None:
        """uvicorn pauses for every message, which says nothing."""

    def abort(self) -> None:
        if not self._protocol.transport.is_closing():
            self.dropped = TOO_SLOW
            self._protection.closed_slow += 1
            self._protocol.transport.abort()

    def _answered(self, event: Any) -> None:
        # The two libraries have different events.
        milliseconds = self._pong.answered(getattr(event, "data", b"") or getattr(event, "payload", b""))
        if milliseconds is None:
            self._on_pong(event)
        elif not self._has_waited:
            self.on_round_trip(milliseconds)


def uvicorn_link(send: Any, protection: ProtectionCounters) -> UvicornLink | None:
    """The connection's link under uvicorn's sans-I/O implementations, None under any other server."""
    protocol = getattr(send, "__self__", None)
    if protocol is None or not all(hasattr(protocol, name) for name in ATTRIBUTES):
        return None
    return UvicornLink(protocol, protection)
