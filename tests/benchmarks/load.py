"""The load: viewers that read, and avatars that send at an even pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from tests.benchmarks.sockets import TEXT, Socket, frame, open_all

PING = frame(TEXT, b'{"type":"ping","t":1234567890.123}')
STEP_SECONDS = 0.002
ASKED = b'{"type":"ping","id":'
ANSWERS = (b'{"type":"pong"', b'{"type":"ping"')
"""What the site answers to a ping, and what an echo does."""

FRAME = b'{"type":"metrics"'
AFTER_A_TICK = 0.7
"""Seconds after each whole one when a fan-out of this second is over and the next has not begun."""

ANSWER_SECONDS = 10.0


@dataclass
class Tally:
    """What came back."""

    texts: int = 0

    def take(self, _socket: Socket, _text: bytes) -> None:
        self.texts += 1

    def take_answer(self, socket: Socket, text: bytes) -> None:
        """Counts answers only, and itself answers the site's pings as an avatar has to."""
        if text.startswith(ASKED):
            number: int = msgspec.json.decode(text)["id"]
            socket.send(frame(TEXT, b'{"type":"pong","id":%d}' % number))
        elif text.startswith(ANSWERS):
            self.take(socket, text)


class LoadError(Exception):
    """What was measured is not what was intended."""


def avatar_paths(count: int) -> list[str]:
    """Each in a room of its own, so that nobody's joining is announced to anybody."""
    return [f"/ws/avatar/?client_id=avatar-{number}&room=room-{number}" for number in range(count)]


def viewer_paths(count: int) -> list[str]:
    return ["/ws/metrics/"] * count


@asynccontextmanager
async def watching(port: int, count: int, tally: Tally, cookie: str = "") -> AsyncIterator[list[Socket]]:
    """Viewers that read and send nothing."""
    sockets = await open_all(port, viewer_paths(count), tally.take, cookie)
    try:
        yield sockets
    finally:
        close_all(sockets)


@asynccontextmanager
async def avatars(port: int, count: int, tally: Tally) -> AsyncIterator[list[Socket]]:
    sockets = await open_all(port, avatar_paths(count), tally.take_answer)
    try:
        yield sockets
    finally:
        close_all(sockets)


def close_all(sockets: Sequence[Socket]) -> None:
    for socket in sockets:
        socket.close()


def check_open(sockets: Sequence[Socket]) -> None:
    """Raises LoadError if the server has closed some of them."""
    closed = sum(socket.closed for socket in sockets)
    if closed:
        raise LoadError(f"the server closed {closed} of {len(sockets)} connections")


async def paced(sockets: Sequence[Socket], each_per_second: float, seconds: float) -> int:
    """Sends pings evenly spread over the sockets and the time, and returns how many it sent."""
    start = time.monotonic()
    rate = len(sockets) * each_per_second
    sent = 0
    while (passed := time.monotonic() - start) < seconds:
        for number in range(sent, int(passed * rate)):
            sockets[number % len(sockets)].send(PING)
            sent = number + 1
        await asyncio.sleep(STEP_SECONDS)
    return sent


async def answered(tally: Tally, sent: int) -> None:
    """Waits for the last answers. Raises LoadError if they do not come."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while tally.texts < sent:
        if time.monotonic() > deadline:
            raise LoadError(f"{sent} messages got {tally.texts} answers")
        await asyncio.sleep(STEP_SECONDS)


async def between_ticks() -> None:
    """Waits until servers that send at each whole second are at rest."""
    await asyncio.sleep((AFTER_A_TICK - time.time()) % 1)
