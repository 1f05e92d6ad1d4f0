"""This node's one seat in a channel-layer group: how nodes tell each other what only matters now.

Nobody who sends waits. What is queued goes out together, at most 20 times a second, from a task of its own, and not at
all while no other node is there. A channel layer that is away costs what is queued; it is tried again with a growing
pause.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from channels.layers import get_channel_layer

from monitoring.core.cancel import cancel_and_wait

logger = logging.getLogger(__name__)

CALL_SECONDS = 0.5
GATHER_SECONDS = 0.05
HELLO_SECONDS = 5.0
PEER_SECONDS = 16.0
MAX_WAITING = 1_000
LONGEST_PAUSE = 30.0

Handler = Callable[[str, Any], None]
NodeHandler = Callable[[str], None]


def ignore(node: str) -> None:
    """For a listener to whom it does not matter which nodes come and go."""


class Letter(msgspec.Struct, array_like=True):
    """What one node sends at a time: its name, whether it wants to hear who else is there, and the items."""

    node: str
    asks: bool
    items: list[Any]


class Bus:
    """Sends items to the other nodes of a group and hands theirs to `handler(node, item)`.

    Items are whatever msgpack can carry. `dropped` counts those that found no room or no channel layer. `met(node)` is
    called when a node is first heard, `lost(node)` when it has been silent for 16 s or `silent_seconds`; each node
    says hello every `hello_seconds`.
    """

    def __init__(
        self,
        group: str,
        node: str,
        handler: Handler,
        met: NodeHandler = ignore,
        lost: NodeHandler = ignore,
        hello_seconds: float = HELLO_SECONDS,
        silent_seconds: float | None = None,
    ) -> None:
        self.dropped = 0
        self._group = group
        self._node = node
        self._handler = handler
        self._met, self._lost = met, lost
        self._hello_seconds, self._silent_seconds = hello_seconds, silent_seconds
        self._heard: dict[str, float] = {}
        self._waiting: deque[Any] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._answer = False

    @property
    def alone(self) -> bool:
        """Whether no other node has been heard lately."""
        return not self._heard

    @property
    def others(self) -> set[str]:
        """The other nodes that have been heard lately."""
        return set(self._heard)

    def send(self, item: Any) -> None:
        """Queues an item for the other nodes; does nothing when there are none."""
        if self.alone:
            return
        self.dropped += len(self._waiting) == MAX_WAITING
        self._waiting.append(item)
        self._wake.set()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._persist(self._receive), name=f"bus {self._group} receive"),
            asyncio.create_task(self._persist(self._send), name=f"bus {self._group} send"),
        ]

    async def stop(self) -> None:
        """Stops, after what is queued has gone out, for which it waits half a second at most."""
        await cancel_and_wait(*self._tasks)
        if self._waiting:
            try:
                await self._post_items(list(self._waiting))
            except Exception as error:
                logger.warning("Other nodes are out of reach, they miss the last news of this one: %s", error)
            self._waiting.clear()

    async def _persist(self, work: Callable[[], Any]) -> None:
        pause = 1.0
        while True:
            began = time.monotonic()
            try:
                await work()
            except Exception as error:
                pause = 1.0 if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                logger.warning("Other nodes are out of reach, next try in %.0f s: %s", pause, error)
                self.dropped += len(self._waiting)
                self._waiting.clear()
                self._forget_silent()
                await asyncio.sleep(pause)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        # Cancelling receive() unsubscribes for good, so there is no timeout around it.
        channel = await layer.new_channel()
        await layer.group_add(self._group, channel)
        await self._post(Letter(self._node, True, []))
        while True:
            self._open(await layer.receive(channel))

    def _open(self, message: dict[str, Any]) -> None:
        try:
            letter = msgspec.msgpack.decode(message["letter"], type=Letter)
            if letter.node == self._node:
                return
            is_new = letter.node not in self._heard
            self._heard[letter.node] = time.monotonic()
            if is_new or letter.asks:
                self._met(letter.node)
            if letter.asks:
                self._answer = True
                self._wake.set()
            for item in letter.items:
                self._handler(letter.node, item)
        except Exception:
            logger.exception("A letter from another node could not be read")

    async def _send(self) -> None:
        said_hello = time.monotonic()
        while True:
            wait = max(0.0, said_hello + self._hello_seconds - time.monotonic())
            try:
                # Not wait_for: before Python 3.12 it may swallow a cancellation, and then stop() would never end.
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                self._answer = True
            self._wake.clear()
            self._forget_silent()
            if self._waiting or self._answer:
                items = list(self._waiting)
                self._waiting.clear()
                self._answer = False
                await self._post_items(items)
                said_hello = time.monotonic()
            await asyncio.sleep(GATHER_SECONDS)

    def _forget_silent(self) -> None:
        now = time.monotonic()
        longest = PEER_SECONDS if self._silent_seconds is None else self._silent_seconds
        for node in [node for node, heard in self._heard.items() if now - heard >= longest]:
            del self._heard[node]
            self._lost(node)

    async def _post_items(self, items: list[Any]) -> None:
        try:
            await self._post(Letter(self._node, False, items))
        except Exception:
            self.dropped += len(items)
            raise

    async def _post(self, letter: Letter) -> None:
        async with asyncio.timeout(CALL_SECONDS):
            await get_channel_layer().group_send(
                self._group, {"type": "letter", "letter": msgspec.msgpack.encode(letter)}
            )
