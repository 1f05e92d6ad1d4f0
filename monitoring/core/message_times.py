"""How long one connection's messages wait for their consumer, and how long it takes for them.

A consumer asks for its next message when it is done with the last one; that moment tells both. Reading a clock for each
message would cost more than counting it does, so not all are timed: the first eight after a reading are, then every
second, every fourth and so on. So are those that arrive while the consumer is busy, one at a time: a slow consumer
shows itself by what waits behind it, however few of its messages are timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from monitoring.core.clock import Clock

EACH_STRIDE = 8
"""Messages that are timed before their distance doubles."""

SCOPE_KEY = "avatar_monitoring.arrivals"
"""The key in the scope where a connection finds the `Arrivals` of its messages, if its server has a queue of them."""


class Arrivals(Protocol):
    """Tells of each message that arrives, before its consumer gets it."""

    def watch(self, listener: Callable[[], object]) -> None:
        """Calls it for each message from now on."""

    def stop(self) -> None:
        """The connection has ended."""


class Longest(NamedTuple):
    """The longest times since the last reading, in milliseconds; None if no message was timed."""

    wait_ms: float | None = None
    handler_ms: float | None = None


class MessageTimes:
    """Times one connection's messages; `clock` returns seconds, from any moment that is not 0.

    `arrived` is called when a message arrives and `asks` when the consumer asks for its next one; if that returns true,
    `took` is called when it gets it. Without a call of `arrived` no wait is known. The first message that a consumer
    gets tells it of the connection and is not timed.
    """

    __slots__ = (
        "_ahead", "_arrived_at", "_asking", "_began", "_behind", "_clock", "_found_busy", "_handler", "_left",
        "_queued", "_strides", "_wait",
    )  # fmt: skip

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._asking = False
        self._queued = 1  # the message about the connection itself
        self._behind, self._ahead = 0.0, 0  # when a message arrived, 0 if none is timed, and which of the queue it is
        self._found_busy = False  # the consumer still handles the message that it had when that one arrived
        self._arrived_at = 0.0  # of the message that the consumer has asked for, if it is timed
        self._began = 0.0  # when the consumer got the message that it has, 0 if that is not timed
        self._wait: float | None = None
        self._handler: float | None = None
        self._left, self._strides = 2, 0

    def arrived(self) -> None:
        if self._asking:
            self._asking = False
            if not self._left:
                self._arrived_at = self._clock()
        else:
            self._queued += 1
            if not self._behind:
                self._behind, self._ahead = self._clock(), self._queued
                self._found_busy = True

    def counting(self, count: Callable[[int], None]) -> Callable[[int], None]:
        """What a server calls with the bytes of each message that arrives; `count` gets them too."""
        arrived = self.arrived

        def told(size: int) -> None:
            if self._asking and self._left:
                # Most messages: a call less.
                self._asking = False
            else:
                arrived()
            count(size)

        return told

    def asks(self) -> bool:
        """Whether the message that the consumer gets now is to be timed."""
        if self._began or self._found_busy or self._ahead == 1:
            self._settle(self._clock())
        if self._queued:
            self._queued -= 1
            if self._ahead:
                self._ahead -= 1
        else:
            self._asking = True
        if self._left:
            self._left -= 1
        else:
            self._strides += 1
            self._left = (1 << self._strides // EACH_STRIDE) - 1
        return not self._left

    def took(self) -> None:
        """The consumer gets the message that it has asked for."""
        self._began = self._clock()
        if self._arrived_at:
            self._wait = _longer(self._wait, self._began - self._arrived_at)
            self._arrived_at = 0.0

    def skipped(self) -> None:
        """The consumer has asked and goes on waiting: what arrived for it, such as the answer to a ping of ours, was
        taken away."""
        self._arrived_at = 0.0
        if not self._queued:
            self._asking = True
            return
        self._queued -= 1
        if self._ahead:
            self._ahead -= 1
            if not self._ahead:
                # It is there at once, and the consumer was not busy.
                self._behind, self._found_busy = 0.0, False

    def read(self) -> Longest:
        """The longest times since the last call, with the message that is being handled and the one that waits."""
        now = self._clock()
        wait, handler = self._wait, self._handler
        if self._behind:
            wait = _longer(wait, now - self._behind)
        if self._began or self._found_busy:
            handler = _longer(handler, now - (self._began or self._behind))
        self._wait = self._handler = None
        self._left, self._strides = min(self._left, 1), 0
        return Longest(_milliseconds(wait), _milliseconds(handler))

    def _settle(self, now: float) -> None:
        """The consumer is done with its message, and perhaps gets the one that was timed while it waited."""
        if self._began or self._found_busy:
            # It took at least as long as another one has been waiting.
            self._handler = _longer(self._handler, now - (self._began or self._behind))
            self._began, self._found_busy = 0.0, False
        if self._ahead == 1:
            self._wait = _longer(self._wait, now - self._behind)
            # Of those that are left the last has waited for an unknown time, and is timed from now on.
            self._ahead = self._queued
            self._behind = now if self._queued > 1 else 0.0


def _longer(longest: float | None, seconds: float) -> float:
    return seconds if longest is None or seconds > longest else longest


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
