"""daphne's side of one WebSocket: its messages, what daphne buffers for it, pings, and prepared frames.

It watches and changes nothing: what the peer sends and is sent goes its own way. This reaches into attributes of
daphne, autobahn and Twisted that are not public, so `link_to` first checks that they are as expected, and logs once if
they are not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from monitoring.core.cause_of_leaving import SERVER_CLOSED
from monitoring.core.heartbeat import LONGEST_PERIOD
from monitoring.core.wire.link import (
    PROTOCOL_ERROR,
    RESET,
    TIMED_OUT,
    TOO_LONG,
    TOO_SLOW,
    ProtectionCounters,
    nobody_listens,
)
from monitoring.servers.daphne import is_running
from monitoring.servers.ws_ping import AwaitedPong

logger = logging.getLogger(__name__)

PROTOCOL_ATTRIBUTES = ("onMessage", "onClose", "onPong", "connectionLost", "state", "STATE_OPEN")
HEARD_SECONDS = 2 * LONGEST_PERIOD
"""A peer that answers pings is heard more often; TCP gives a silent one up after more minutes than that (tcp_retries2
in Linux's tcp(7))."""

PING_TIMEOUT = "WebSocket ping timeout (peer did not respond with pong in time)"
"""What autobahn notes when it drops a peer for that."""

TRANSPORT_ATTRIBUTES = ("dataBuffer", "offset", "_tempDataLen", "writeSomeData")


class DaphneLink:
    """Gives the monitor its view of one connection."""

    tells = measures = True
    on_message: Callable[[int], None]

    def __init__(self, protocol: Any, protection: ProtectionCounters) -> None:
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self.on_closed: Callable[[int | None], None] = nobody_listens
        self.dropped = self.lost = ""
        self._heard_at = time.monotonic()
        self._protocol = protocol
        self._transport = protocol.transport
        # Under TLS the transport is wrapped, and writing to the socket past the wrapper would skip the encryption.
        self._is_plain = not hasattr(protocol.transport, "wrappedProtocol")
        self._protection = protection
        self._gone = False
        self._pong = AwaitedPong()
        self._pauses = 0
        self._on_close, self._on_pong = protocol.onClose, protocol.onPong
        self._on_lost = protocol.connectionLost
        protocol.onPong = self._answered
        protocol.onClose = self._closed
        protocol.connectionLost = self._connection_lost
        self._watch_messages()

    def _watch_messages(self) -> None:
        self.on_message = nobody_listens
        pass_on = self._protocol.onMessage

        def told(payload: bytes, is_binary: bool) -> None:
            self.on_message(len(payload))
            pass_on(payload, is_binary)

        self._protocol.onMessage = told

    def pauses(self) -> int:
        """How often reading was paused: an answer that waited for that says nothing about the network."""
        return 0

    def unsent(self) -> int:
        transport = self._transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def write(self, ws_frame: bytes) -> None:
        if self._protocol.state != self._protocol.STATE_OPEN:
            return
        transport = self._transport
        if transport.dataBuffer or transport._tempDataLen or not self._is_plain:
            transport.write(ws_frame)
            return
        # Nothing waits, so the socket is tried at once, which saves the event loop two system calls and a turn.
        sent = transport.writeSomeData(ws_frame)
        if isinstance(sent, Exception):
            transport.loseConnection()
        elif sent < len(ws_frame):
            transport.write(ws_frame[sent:])

    def ping(self) -> None:
        ws_frame = self._pong.ping()
        if ws_frame is not None:
            self._pauses = self.pauses()
            self.write(ws_frame)

    def unanswered_ms(self) -> float | None:
        return self._pong.unanswered_ms() if self._pauses == self.pauses() else None

    def abort(self) -> None:
        if not self._gone:
            self._gone = True
            self.dropped = TOO_SLOW
            self._protection.closed_slow += 1
            self._transport.abortConnection()

    @property
    def own_ping_seconds(self) -> float | None:
        """Of daphne's `--ping-interval`."""
        return getattr(getattr(self._protocol, "server", None), "ping_interval", None)

    def not_received(self) -> None:
        """daphne tells the end itself, before its application hears of it."""

    def _answered(self, payload: bytes) -> None:
        self._heard_at = time.monotonic()
        milliseconds = self._pong.answered(payload)
        if milliseconds is None:
            self._on_pong(payload)
        elif self._pauses == self.pauses():
            self.on_round_trip(milliseconds)

    def _connection_lost(self, *reason: Any) -> None:
        if reason:
            self.lost = reason_of(reason[0], time.monotonic() - self._heard_at)
        self._on_lost(*reason)

    def _closed(self, was_clean: bool, code: int | None, reason: str) -> None:
        self._gone = True
        self.dropped = self.dropped or dropped_by(self._protocol, was_clean=was_clean)
        if getattr(self._protocol, "wasNotCleanReason", None) == PING_TIMEOUT:
            self.lost = TIMED_OUT
        self.on_closed(code)
        self._on_close(was_clean, code, reason)


def reason_of(failure: Any, silent_seconds: float) -> str:
    """Why TCP gave up, by Twisted's failure: it hides the error, but a peer that was heard lately has not timed out."""
    error = getattr(failure, "value", failure)
    names = {kind.__name__ for kind in type(error).__mro__}
    if "TimeoutError" in names:
        return TIMED_OUT
    # ConnectionAborted is what this side does.
    is_reset = "ConnectionLost" in names and "ConnectionAborted" not in names and silent_seconds < HEARD_SECONDS
    return RESET if is_reset else ""


def dropped_by(protocol: Any, *, was_clean: bool) -> str:
    """Why autobahn or daphne itself has ended a connection; empty if the peer has."""
    if getattr(protocol, "failedByMe", False):
        is_too_long = protocol.wasMaxMessagePayloadSizeExceeded or protocol.wasMaxFramePayloadSizeExceeded
        return TOO_LONG if is_too_long else PROTOCOL_ERROR
    return SERVER_CLOSED if was_clean and getattr(protocol, "closedByMe", False) else ""


def link_to(receive: Any, send: Any, protection: ProtectionCounters) -> DaphneLink | None:
    """The connection's link under daphne; None under another server, or if its internals are not as expected."""
    protocol = protocol_of(receive, send, PROTOCOL_ATTRIBUTES, TRANSPORT_ATTRIBUTES)
    return None if protocol is None else DaphneLink(protocol, protection)


def protocol_of(receive: Any, send: Any, attributes: Iterable[str], of_transport: Iterable[str]) -> Any:
    """daphne's object for a connection; None under another server, or if it lacks any of the attributes."""
    if not isinstance(send, partial) or not send.args:
        if is_running():
            say_unknown("`send`, which code outside `monitored` may have wrapped,")
        return None
    protocol = send.args[0]
    transport = getattr(protocol, "transport", None)
    missing = [name for name in attributes if not hasattr(protocol, name)]
    missing += [name for name in of_transport if not hasattr(transport, name)]
    if missing or not isinstance(getattr(receive, "__self__", None), asyncio.Queue):
        if is_running():
            say_unknown(", ".join(missing) or "its queue")
        return None
    return protocol


@cache
def say_unknown(what: str) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("daphne", "autobahn", "Twisted"))
    logger.warning("Round trips are not measured and nothing is limited: %s is not as expected (%s)", what, versions)
