"""Limits what one WebSocket receives under daphne: so much at a time, and no faster than it is handled.

daphne itself queues whatever a client sends, and handles everything that was read in one go. Here reading pauses while
the connection's consumer is behind, and other connections get their turn after 64 frames of any kind. This reaches into
attributes of daphne, autobahn and Twisted that are not public; `daphne_guarded_link` checks that they are as expected.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from monitoring.core.asgi_types import Message
from monitoring.core.wire.link import FLOOD, Link, ProtectionCounters, nobody_listens
from monitoring.core.wire.token_bucket import TokenBucket

PAUSE_AT, RESUME_AT = 64, 16
"""Messages that may wait for the consumer."""

WS_FRAMES_AT_ONCE = 64
MAX_MESSAGE = 64 * 1024
MAX_FRAGMENTS = 1_000
"""Limit for one message."""

CONTROL_WS_FRAMES_PER_SECOND, CONTROL_WS_FRAMES_AT_ONCE = 50.0, 200.0
LAST_DATA_OPCODE = 7
MAX_UNSENT = 1024 * 1024

PROTOCOL_ATTRIBUTES = (
    "data", "onMessage", "onMessageEnd", "onFrameEnd", "onPing", "sendPong", "_dataReceived", "processData",
    "consumeData", "failedByMe", "_max_message_size_exceeded", "maxMessagePayloadSize", "maxFramePayloadSize",
    "last_ping", "autoPingTimeoutCall", "_cancelAutoPingTimeoutCall",
)  # fmt: skip


class Intake:
    """Limits what one connection receives. `on_message` gets the bytes of each message, before its consumer.

    `acted` is called with each limit that acts, but for the pauses, which only make the peer wait.
    """

    def __init__(
        self,
        protocol: Any,
        queue: asyncio.Queue[Message],
        protection: ProtectionCounters,
        link: Link,
        acted: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.on_message: Callable[[int], None] = nobody_listens
        self.paused = False
        self.pauses = 0
        self._protocol = protocol
        self._queue = queue
        self._protection = protection
        self._link = link
        self._acted = acted
        self._resuming = False
        self._ws_frames = self._fragments = 0
        self._control_ws_frames = TokenBucket(CONTROL_WS_FRAMES_PER_SECOND, CONTROL_WS_FRAMES_AT_ONCE)
        self._on_message = protocol.onMessage
        self._on_ws_frame_end = protocol.onFrameEnd
        self._too_long = protocol._max_message_size_exceeded
        # These two skip autobahn's debug text for each message and its observers, which daphne does not use.
        protocol.dataReceived = protocol._dataReceived
        protocol.onMessageEnd = self._message_ended
        protocol.onFrameEnd = self._ws_frame_ended
        protocol.onPing = self._pinged
        protocol._max_message_size_exceeded = self._refused
        self._max_sent = protocol.maxMessagePayloadSize
        # For autobahn zero means no limit.
        self._max_received = min(MAX_MESSAGE, protocol.maxMessagePayloadSize or MAX_MESSAGE)
        protocol.maxMessagePayloadSize = self._max_received
        protocol.maxFramePayloadSize = min(MAX_MESSAGE, protocol.maxFramePayloadSize or MAX_MESSAGE)

    def taking(self) -> None:
        """Called before the consumer takes a message while reading is paused; once it has caught up, reading
        resumes."""
        self._excuse()
        if not self._resuming and self._queue.qsize() <= RESUME_AT + 1:
            self._resume_soon()

    def limit_sent(self) -> None:
        """While a message is sent, autobahn's one limit for both directions is that for sending."""
        self._protocol.maxMessagePayloadSize = self._max_sent

    def limit_received(self) -> None:
        self._protocol.maxMessagePayloadSize = self._max_received

    def _message_ended(self) -> None:
        protocol = self._protocol
        if not protocol.failedByMe:
            payload = b"".join(protocol.message_data)
            self.on_message(len(payload))
            self._on_message(payload, protocol.message_is_binary)
            if not self.paused and self._queue.qsize() >= PAUSE_AT:
                self._pause()
        protocol.message_data = None

    def _ws_frame_ended(self) -> Any:
        protocol = self._protocol
        flood = self._flood(protocol.current_frame)
        if flood:
            self._drop(flood)
            return None
        answer = self._on_ws_frame_end()
        self._ws_frames = self._ws_frames + 1 if protocol.data else 0
        if self._ws_frames >= WS_FRAMES_AT_ONCE and not self.paused:
            self._pause()
            self._resume_soon()
        return answer

    def _flood(self, ws_frame: Any) -> str:
        """What there are too many of, with this frame, that are not messages, which nobody else counts; else empty."""
        if ws_frame.opcode > LAST_DATA_OPCODE:
            if self._control_ws_frames.take():
                return ""
            return f"more than {CONTROL_WS_FRAMES_PER_SECOND:.0f} pings and pongs a second"
        self._fragments = 0 if ws_frame.fin else self._fragments + 1
        return f"a message in more than {MAX_FRAGMENTS} fragments" if self._fragments > MAX_FRAGMENTS else ""

    def _pause(self) -> None:
        """Stops reading from the socket and parsing what was read, which may be ten thousand of the smallest frames."""
        self.paused = True
        self.pauses += 1
        self._protection.paused_reads += 1
        self._protocol.transport.pauseProducing()
        self._protocol.processData = _not_now
        self._excuse()

    def _resume_soon(self) -> None:
        # Not at once: other connections get their turn between two of its batches.
        self._resuming = True
        asyncio.get_running_loop().call_soon(self._resume)

    def _resume(self) -> None:
        self._resuming = False
        if self._queue.qsize() > RESUME_AT:
            return
        self.paused = False
        self._ws_frames = 0
        del self._protocol.processData
        self._protocol.consumeData()
        if not self.paused:
            self._protocol.transport.resumeProducing()

    def _drop(self, flood: str) -> None:
        """Handles nothing more from the peer, not even what was already read."""
        self._protection.refused_messages += 1
        self._link.dropped = FLOOD
        self._acted(f"dropped, because it sent {flood}")
        self.paused = self._resuming = True
        self._protocol.data = b""
        self._protocol.processData = _not_now
        self._protocol.transport.abortConnection()

    def _excuse(self) -> None:
        """While its pongs are not read, nobody may be dropped for not sending any."""
        self._protocol.last_ping = time.time()
        if self._protocol.autoPingTimeoutCall:
            self._protocol._cancelAutoPingTimeoutCall()

    def _pinged(self, payload: bytes) -> None:
        if self._link.unsent() > MAX_UNSENT:
            self._link.abort()
        else:
            self._protocol.sendPong(payload)

    def _refused(self, *reason: Any) -> None:
        self._protection.refused_messages += 1
        self._acted(f"closed, because a message was longer than {self._max_received} bytes")
        self._too_long(*reason)


def _not_now() -> bool:
    """Replaces autobahn's processData, which returns whether to call it again."""
    return False
