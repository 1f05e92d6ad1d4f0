"""daphne's side of one WebSocket: what daphne keeps in memory for it, pauses in reading, pings, and prepared frames.

daphne itself has no flow control: it queues whatever a client sends and buffers whatever it does not read. Here a
connection's reading pauses while its consumer is behind, and it is dropped when it leaves a megabyte unread. This
reaches into attributes of daphne, autobahn and Twisted that are not public, so `link_to` first looks whether they are
as expected, and says so once if not.
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

from monitoring.core.link import Guarded, nobody_listens
from monitoring.core.recorder import Message, Receive, Send

logger = logging.getLogger(__name__)

PAUSE_AT, RESUME_AT = 64, 16
MAX_UNSENT = 1024 * 1024
MAX_MESSAGE = 64 * 1024
PING_HEADER = b"\x89\x08"
"""Of an unmasked ping with a payload of eight bytes (RFC 6455, 5.2)."""

PROTOCOL_ATTRIBUTES = (
    "onMessage", "onMessageEnd", "onClose", "onPong", "state", "STATE_OPEN",
    "_dataReceived", "processData", "consumeData", "failedByMe",
    "_max_message_size_exceeded", "maxMessagePayloadSize", "maxFramePayloadSize",
)  # fmt: skip
TRANSPORT_ATTRIBUTES = ("dataBuffer", "offset", "_tempDataLen", "writeSomeData", "pauseProducing", "resumeProducing")


class DaphneLink:
    """Guards one connection and gives the monitor its view of it."""

    tells = True

    def __init__(self, protocol: Any, queue: asyncio.Queue[Message], guarded: Guarded) -> None:
        self.on_message: Callable[[int], None] = nobody_listens
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self.on_closed: Callable[[int | None], None] = nobody_listens
        self._protocol = protocol
        self._transport = protocol.transport
        self._queue = queue
        self._guarded = guarded
        self._paused = False
        self._resuming = False
        self._dropped = False
        self._on_message = protocol.onMessage
        self._on_close = protocol.onClose
        self._too_long = protocol._max_message_size_exceeded
        # These two spare each message what autobahn formats for its debug log and fires for observers: daphne has none.
        protocol.dataReceived = protocol._dataReceived
        protocol.onMessageEnd = self._message_ended
        protocol.onPong = self._answered
        protocol.onClose = self._closed
        protocol._max_message_size_exceeded = self._refused
        self._max_sent = protocol.maxMessagePayloadSize
        protocol.maxMessagePayloadSize = protocol.maxFramePayloadSize = MAX_MESSAGE

    def unsent(self) -> int:
        transport = self._transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def write(self, frame: bytes) -> None:
        if self._protocol.state != self._protocol.STATE_OPEN:
            return
        transport = self._transport
        if transport.dataBuffer or transport._tempDataLen:
            transport.write(frame)
            return
        # Nothing waits, so the socket is tried at once, which saves the event loop two system calls and a turn.
        sent = transport.writeSomeData(frame)
        if isinstance(sent, Exception):
            transport.loseConnection()
        elif sent < len(frame):
            transport.write(frame[sent:])

    def ping(self) -> None:
        # autobahn's own sendPing takes three times as long to come to the same ten bytes.
        self.write(PING_HEADER + struct.pack("!Q", time.perf_counter_ns()))

    def abort(self) -> None:
        if not self._dropped:
            self._dropped = True
            self._guarded.closed_slow += 1
            self._transport.abortConnection()

    def receiving(self, receive: Receive) -> Receive:
        """The connection's `receive`, which lets it be read again once its consumer has caught up."""

        async def resuming_receive() -> Message:
            message = await receive()
            if self._paused and not self._resuming and self._queue.qsize() <= RESUME_AT:
                # Not at once: other connections get their turn between two of its batches.
                self._resuming = True
                asyncio.get_running_loop().call_soon(self._resume)
            return message

        return resuming_receive

    def sending(self, send: Send) -> Send:
        """The connection's `send`, which drops a peer that leaves too much unread."""

        async def limited_send(message: Message) -> None:
            # autobahn has one limit for both directions, and only what comes in is to be that small.
            self._protocol.maxMessagePayloadSize = self._max_sent
            try:
                await send(message)
            finally:
                self._protocol.maxMessagePayloadSize = MAX_MESSAGE
            if self.unsent() > MAX_UNSENT:
                self.abort()

        return limited_send

    def _message_ended(self) -> None:
        protocol = self._protocol
        if not protocol.failedByMe:
            self._received(b"".join(protocol.message_data), protocol.message_is_binary)
        protocol.message_data = None

    def _received(self, payload: bytes, is_binary: bool) -> None:
        self.on_message(len(payload))
        self._on_message(payload, is_binary)
        if not self._paused and self._queue.qsize() >= PAUSE_AT:
            self._pause()

    def _pause(self) -> None:
        """Stops reading from the socket and parsing what was read, which may be ten thousand of the smallest frames."""
        self._paused = True
        self._guarded.paused_reads += 1
        self._transport.pauseProducing()
        self._protocol.processData = _not_now

    def _resume(self) -> None:
        self._paused = self._resuming = False
        del self._protocol.processData
        self._transport.resumeProducing()
        self._protocol.consumeData()

    def _answered(self, payload: bytes) -> None:
        if len(payload) == 8:
            sent_at = struct.unpack("!Q", payload)[0]
            passed = time.perf_counter_ns() - sent_at
            # A peer may send pongs that answer nothing; those are not measured.
            if 0 < passed < 60e9:
                self.on_round_trip(passed / 1e6)

    def _closed(self, was_clean: bool, code: int | None, reason: str) -> None:
        self.on_closed(code)
        self._on_close(was_clean, code, reason)

    def _refused(self, *reason: Any) -> None:
        self._guarded.refused_messages += 1
        self._too_long(*reason)


def _not_now() -> bool:
    """Takes the place of autobahn's processData, which says whether it is to be called again."""
    return False


def link_to(receive: Any, send: Any, guarded: Guarded) -> DaphneLink | None:
    """The link of a connection under daphne; None under another server, or one whose insides are not as expected."""
    if not isinstance(send, partial) or not send.args:
        return None
    protocol = send.args[0]
    queue = getattr(receive, "__self__", None)
    missing = [name for name in PROTOCOL_ATTRIBUTES if not hasattr(protocol, name)]
    transport = getattr(protocol, "transport", None)
    missing += [name for name in TRANSPORT_ATTRIBUTES if not hasattr(transport, name)]
    if missing or not isinstance(queue, asyncio.Queue):
        _say_unknown(", ".join(missing) or "its queue")
        return None
    return DaphneLink(protocol, queue, guarded)


@cache
def _say_unknown(what: str) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("daphne", "autobahn", "Twisted"))
    logger.warning("No flow control and no round trips by ping: %s is not as expected (%s)", what, versions)
