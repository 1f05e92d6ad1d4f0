"""This process's seat in a channel-layer group of its site: nodes tell each other what matters only now.

No sender waits. Queued items go out together, at most 20 times a second, from a task of their own, if there is another
node. If the channel layer is away, each attempt loses what was to be sent, and the pauses between attempts grow.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from channels.layers import get_channel_layer

from monitoring import conf
from monitoring.core.cancel import cancel_and_wait
from monitoring.core.rescue import OnceAMinute
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.fleet.members import Members
from monitoring.redis_connections import CALL_SECONDS, SET_UP_SECONDS
from monitoring.site import SiteUnknownError, channel_of, known_name

logger = logging.getLogger(__name__)
said = SaidOnce(logger)

GATHER_SECONDS = 0.05
HELLO_SECONDS = 5.0
MAX_WAITING = 1_000
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Pause after an error. Viewers wait for the other nodes meanwhile, and a busy machine also fails a few times."""
why = OnceAMinute()
"""For errors of any kind, however many buses and tasks meet them."""

Handler = Callable[[str, Any], None]
NodeHandler = Callable[[str], None]


class Letter(msgspec.Struct, array_like=True):
    """One message of a node: who it is, its name, whether it wants to hear who else is there, and the items.

    The version is that of the items, and comes last: releases that did not have it ignore it.
    """

    member: str
    name: str
    asks: bool
    items: list[Any]
    version: int = 1


class Bus:
    """Sends items to the other nodes of a group of the site and passes theirs to `handler(member, item)`.

    A member is one start of the bus in one process, even if processes share a name. Items are whatever msgpack can
    carry. `dropped` counts items that found no room or no channel layer. `met(member)` is called when a node is first
    heard, and `lost(member)` when it has been silent for 16 s or `silent_seconds`; each node says hello every
    `hello_seconds`. `layer` is the channel layer, by default the project's own. `name` is for people. Items of another
    `version`, and unreadable ones, are skipped; the log says so once per node.
    """

    def __init__(
        self,
        group: str,
        handler: Handler,
        met: NodeHandler = lambda _: None,
        lost: NodeHandler = lambda _: None,
        *,
        name: str = "",
        version: int = 1,
        hello_seconds: float = HELLO_SECONDS,
        silent_seconds: float | None = None,
        layer: Any = None,
    ) -> None:
        self.dropped = 0
        self._group = group
        self._given_layer = layer
        self._member = ""
        self._name = name
        self._version = version
        self._handler = handler
        self._met, self._lost = met, lost
        self._hello_seconds = hello_seconds
        self._members = Members(silent_seconds)
        self._waiting: deque[Any] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._channel = ""
        self._answer = self._asks = False

    @property
    def member(self) -> str:
        """The id by which other nodes know this one; empty before the start."""
        return self._member

    @property
    def alone(self) -> bool:
        """Whether no other node has been heard recently."""
        return not self._members.heard

    @property
    def others(self) -> dict[str, str]:
        """The names of the other nodes that have been heard recently, by member."""
        return self._members.names

    def send(self, item: Any) -> None:
        """Queues an item for the other nodes; does nothing when there are none."""
        if self.alone:
            return
        self.dropped += len(self._waiting) == MAX_WAITING
        self._waiting.append(item)
        self._wake.set()

    async def start(self) -> None:
        # Not earlier: a server may import the application once and then fork its workers.
        self._member, self._channel = uuid.uuid4().hex, ""
        self._tasks = [
            asyncio.create_task(self._persist(self._receive), name=f"bus {self._group} receive"),
            asyncio.create_task(self._persist(self._send), name=f"bus {self._group} send"),
        ]

    async def stop(self) -> None:
        """Stops after queued items have gone out, for which it waits half a second at most."""
        await cancel_and_wait(*self._tasks)
        if self._waiting:
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    await self._post_waiting()
            except Exception as error:
                logger.warning("Cannot reach other nodes, so they miss the latest report of this one: %s", error)

    async def _persist(self, work: Callable[[], Any]) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            try:
                await work()
            except Exception as error:
                pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                _say_why(error)
                self._forget_silent()
                await asyncio.sleep(pause)

    async def _receive(self) -> None:
        layer = self._layer()
        # After an error its subscription remains: another one beside it would fill up without being read.
        self._channel = self._channel or await layer.new_channel()
        await layer.group_add(await self._channel_group(), self._channel)
        self._asks = True
        self._wake.set()
        while True:  # cancelling receive() unsubscribes permanently, so there is no timeout around it
            self._open(await layer.receive(self._channel))

    def _open(self, message: dict[str, Any]) -> None:
        try:
            letter = msgspec.msgpack.decode(message["letter"], type=Letter)
        except (KeyError, TypeError, msgspec.MsgspecError, RecursionError) as error:
            said.warn("A message", f"the group {self._group}", f"it is skipped: {error}")
            return
        if letter.member == self._member:
            return
        whose = f"node {letter.name or letter.member} in the group {self._group}"
        if letter.version != self._version:
            unread = f"their version is {letter.version}, this release reads {self._version}"
            said.warn("Messages", whose, unread)
            return
        self._hear(letter)
        for item in letter.items:
            try:
                self._handler(letter.member, item)
            except Exception as error:
                # If a handler fails with one item, it fails with the next: one traceback is enough.
                logger.debug("Could not read an item of a message", exc_info=True)
                said.warn("An item", whose, f"it is skipped: {type(error).__name__}: {error}")

    def _hear(self, letter: Letter) -> None:
        is_new = self._members.hear(letter.member, letter.name)
        if is_new or letter.asks:
            try:
                self._met(letter.member)
            except Exception:
                logger.exception("Could not greet a new node")
        if letter.asks:
            self._answer = True
            self._wake.set()

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
            if self._waiting or self._answer or self._asks:
                await self._post_waiting()
                said_hello = time.monotonic()
            await asyncio.sleep(GATHER_SECONDS)

    def _forget_silent(self) -> None:
        for member in self._members.forget_silent():
            self._lost(member)

    async def _post_waiting(self) -> None:
        items, asks = list(self._waiting), self._asks
        self._waiting.clear()
        self._answer = self._asks = False
        try:
            await self._post(asks=asks, items=items)
        except Exception:
            self.dropped += len(items)
            self._asks, self._answer = asks, True
            self._wake.set()
            raise

    async def _post(self, *, asks: bool, items: list[Any]) -> None:
        """Nobody waits for it: a connection may have to be set up, and a database outage takes its time to show."""
        letter = msgspec.msgpack.encode(Letter(self._member, self._name, asks, items, self._version))
        group = await self._channel_group()
        async with asyncio.timeout(SET_UP_SECONDS):
            await self._layer().group_send(group, {"type": "letter", "letter": letter})

    def _layer(self) -> Any:
        return self._given_layer or get_channel_layer()

    async def _channel_group(self) -> str:
        return channel_of(await known_name(), self._group)


def _say_why(error: Exception) -> None:
    kind = type(error).__name__
    if why.is_due(kind):
        meeting = "the Redis of REDIS_URL" if conf.current().redis_url else "the channel layer"
        away = "the database" if isinstance(error, SiteUnknownError) else meeting
        logger.warning("Cannot reach other nodes until %s answers: %s", away, str(error) or kind)
