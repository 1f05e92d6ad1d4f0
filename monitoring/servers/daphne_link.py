"""daphne's side of one WebSocket: what daphne buffers for it, pings, and prepared frames.

daphne buffers whatever a client does not read. Here senders wait instead, and a client that leaves a megabyte unread is
dropped. This reaches into attributes of daphne, autobahn and Twisted that are not public, so `link_to` first checks
that they are as expected, and logs once if they are not.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from monitoring.core.recorder import Message, Receive, Send
from monitoring.core.wire.link import TOO_SLOW, ProtectionCounters, nobody_listens
from monitoring.servers import daphne_intake
from monitoring.servers.daphne import is_daphne
from monitoring.servers.daphne_intake import MAX_UNSENT, Intake

logger = logging.getLogger(__name__)

STALLED_SECONDS = 5.0
"""How long a peer may read nothing while a megabyte waits for it."""

LOOK_SECONDS = 0.02
PING_HEADER = b"\x89\x08"
"""Size of an unmasked ping with a payload of eight bytes (RFC 6455, 5.2)."""

LOST_NANOSECONDS = 60 * 10**9
"""A ping that was not answered for this long will not be answered."""

PROTOCOL_ATTRIBUTES = (*daphne_intake.PROTOCOL_ATTRIBUTES, "onClose", "onPong", "state", "STATE_OPEN")
TRANSPORT_ATTRIBUTES = ("dataBuffer", "offset", "_tempDataLen", "writeSomeData", "pauseProducing", "resumeProducing")


class DaphneLink:
    """Guards one connection and gives the monitor its view of it."""

    tells = True

    def __init__(self, protocol: Any, queue: asyncio.Queue[Message], protection: ProtectionCounters) -> None:
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self.on_closed: Callable[[int | None], None] = nobody_listens
        self._protocol = protocol
        self._transport = protocol.transport
        # Under TLS the transport is wrapped, and writing to the socket past the wrapper would skip the encryption.
        self._is_plain = not hasattr(protocol.transport, "wrappedProtocol")
        self._intake = Intake(protocol, queue, protection, self)
        self._protection = protection
        self.dropped = ""
        self._gone = self._accepted = False
        self._pinged_at = self._pauses = 0
        self._on_close = protocol.onClose
        protocol.onPong = self._answered
        protocol.onClose = self._closed

    @property
    def on_message(self) -> Callable[[int], None]:
        return self._intake.on_message

    @on_message.setter
    def on_message(self, listener: Callable[[int], None]) -> None:
        self._intake.on_message = listener

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
        now = time.perf_counter_ns()
        # A peer that does not read cannot answer, and only one answer is awaited at a time.
        if not self._intake.paused and now - self._pinged_at > LOST_NANOSECONDS:
            self._pinged_at, self._pauses = now, self._intake.pauses
            # autobahn's own sendPing takes three times as long to produce the same ten bytes.
            self.write(PING_HEADER + struct.pack("!Q", now))

    def abort(self) -> None:
        if not self._gone:
            self._gone = True
            self.dropped = TOO_SLOW
            self._protection.closed_slow += 1
            self._transport.abortConnection()

    def receiving(self, receive: Receive) -> Receive:
        """The connection's `receive`, which resumes reading once its consumer has caught up."""
        intake = self._intake

        async def resuming_receive() -> Message:
            message = await receive()
            if intake.paused:
                intake.taken()
            return message

        return resuming_receive

    def sending(self, send: Send) -> Send:
        """The connection's `send`, which waits while too much is unread, and drops a peer that reads nothing.

        Data for a peer that has just closed is dropped, as ASGI asks: autobahn would raise, and daphne log it all.
        """

        async def limited_send(message: Message) -> None:
            if self._accepted and self._protocol.state != self._protocol.STATE_OPEN:
                return
            if message["type"] != "websocket.send":
                self._accepted = self._accepted or message["type"] == "websocket.accept"
                await send(message)
                return
            self._intake.limit_sent()
            try:
                await send(message)
            finally:
                self._intake.limit_received()
            if self.unsent() > MAX_UNSENT:
                await self._until_half_is_read()

        return limited_send

    async def _until_half_is_read(self) -> None:
        least, since = self.unsent(), time.monotonic()
        while self.unsent() > MAX_UNSENT // 2 and not self._gone:
            await asyncio.sleep(LOOK_SECONDS)
            if self.unsent() < least:
                least, since = self.unsent(), time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                self.abort()

    def _answered(self, payload: bytes) -> None:
        # A peer may send pongs that answer nothing.
        if self._pinged_at and payload == struct.pack("!Q", self._pinged_at):
            passed = time.perf_counter_ns() - self._pinged_at
            self._pinged_at = 0
            # A pong that waited here because reading was paused says nothing about the network.
            if self._pauses == self._intake.pauses:
                self.on_round_trip(passed / 1e6)

    def _closed(self, was_clean: bool, code: int | None, reason: str) -> None:
        self._gone = True
        self.on_closed(code)
        self._on_close(was_clean, code, reason)


def link_to(receive: Any, send: Any, protection: ProtectionCounters) -> DaphneLink | None:
    """The connection's link under daphne; None under another server, or if its internals are not as expected."""
    if not isinstance(send, partial) or not send.args:
        if is_daphne():
            say_unknown("`send`, which code outside `monitored` may have wrapped,")
        return None
    protocol = send.args[0]
    queue = getattr(receive, "__self__", None)
    missing = [name for name in PROTOCOL_ATTRIBUTES if not hasattr(protocol, name)]
    transport = getattr(protocol, "transport", None)
    missing += [name for name in TRANSPORT_ATTRIBUTES if not hasattr(transport, name)]
    if missing or not isinstance(queue, asyncio.Queue):
        say_unknown(", ".join(missing) or "its queue")
        return None
    return DaphneLink(protocol, queue, protection)


@cache
def say_unknown(what: str) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("daphne", "autobahn", "Twisted"))
    logger.warning("No flow control and no pings: %s is not as expected (%s)", what, versions)
