"""uvicorn's side of one WebSocket: what waits to be sent, prepared frames, and pings.

It is there for both sans-I/O implementations, `--ws websockets-sansio`, the default, and `--ws wsproto`. uvicorn pauses
reading and makes `send` wait by itself. It handles a pong in a method of its own, which is watched here and still
called for every pong that is not ours.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from monitoring.core.wire.link import (
    PROTOCOL_ERROR,
    RESET,
    TIMED_OUT,
    TOO_LONG,
    TOO_SLOW,
    ProtectionCounters,
    nobody_listens,
)
from monitoring.servers.ws_ping import AwaitedPong

ATTRIBUTES = ("transport", "conn", "handshake_complete", "close_sent", "disconnected", "connection_lost")
TOO_BIG = 1009
"""The code for a message that is too long (RFC 6455, 7.4.1)."""

OPEN, CLOSING = "OPEN", "LOCAL_CLOSING"
"""wsproto's states: before any close frame, and after it has sent one that was not answered."""

FOR_PINGS = ("handle_pong", "read_paused")


class UvicornLink:
    """The part of a link that uvicorn's protocol has."""

    tells = False

    def __init__(self, protocol: Any, protection: ProtectionCounters) -> None:
        self._dropped = self.lost = ""
        self.on_message: Callable[[int], None] = nobody_listens
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self.on_closed: Callable[[int | None], None] = nobody_listens
        self._protocol = protocol
        self._protection = protection
        self._pong = AwaitedPong()
        self._has_waited = False
        self._on_lost = protocol.connection_lost
        protocol.connection_lost = self._connection_lost
        self._on_close = getattr(protocol, "handle_close", None)
        if self._on_close is not None:
            protocol.handle_close = self._closing
        self._on_silence = getattr(protocol, "keepalive_timeout", None)
        if self._on_silence is not None:
            protocol.keepalive_timeout = self._silent
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
            self._dropped = TOO_SLOW
            self._protection.closed_slow += 1
            self._protocol.transport.abort()

    @property
    def dropped(self) -> str:
        """Also why uvicorn itself has closed the connection; ask only when it has ended, and not by the application."""
        protocol = self._protocol
        if self._dropped or self.lost == TIMED_OUT:
            return self._dropped
        # websockets keeps the close frame that it sent, wsproto only that it is closing; 1009 is uvicorn's own then.
        sent = getattr(protocol.conn, "close_sent", None)
        if protocol.close_sent:
            return TOO_LONG if getattr(sent, "code", TOO_BIG) == TOO_BIG else PROTOCOL_ERROR
        return PROTOCOL_ERROR if getattr(getattr(protocol.conn, "state", None), "name", "") == CLOSING else ""

    @property
    def own_ping_seconds(self) -> float | None:
        """Of uvicorn's `--ws-ping-interval`."""
        return getattr(self._protocol, "ping_interval", None)

    def not_received(self) -> Any:
        waiting = getattr(getattr(self._protocol, "queue", None), "_queue", ())
        return next((message for message in waiting if message["type"] == "websocket.disconnect"), None)

    def _connection_lost(self, error: Exception | None) -> None:
        self.lost = self.lost or reason_of(error)
        self._on_lost(error)

    def _closing(self, event: Any) -> None:
        """The peer's close frame came; or wsproto, whose connection is open then, reports so what it cannot parse."""
        state = getattr(getattr(self._protocol.conn, "state", None), "name", "")
        if state == OPEN and hasattr(event, "code") and not self._protocol.close_sent:
            self._dropped = PROTOCOL_ERROR
        self._on_close(event)

    def _silent(self) -> None:
        """uvicorn's ping was not answered in time; it says nothing if the connection is closing anyway."""
        was_closing = self._protocol.close_sent or self._protocol.transport.is_closing()
        if not was_closing:
            self.lost = TIMED_OUT
        self._on_silence()

    def _answered(self, event: Any) -> None:
        # The two libraries have different events.
        milliseconds = self._pong.answered(getattr(event, "data", b"") or getattr(event, "payload", b""))
        if milliseconds is None:
            self._on_pong(event)
        elif not self._has_waited:
            self.on_round_trip(milliseconds)


def reason_of(error: Exception | None) -> str:
    """Why TCP gave up, by asyncio's exception; empty if the peer just ended it."""
    number = getattr(error, "errno", None)
    if isinstance(error, TimeoutError) or number in (errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH):
        return TIMED_OUT
    return RESET if isinstance(error, ConnectionError) else ""


def uvicorn_link(send: Any, protection: ProtectionCounters) -> UvicornLink | None:
    """The connection's link under uvicorn's sans-I/O implementations, None under any other server."""
    protocol = getattr(send, "__self__", None)
    if protocol is None or not all(hasattr(protocol, name) for name in ATTRIBUTES):
        return None
    return UvicornLink(protocol, protection)
