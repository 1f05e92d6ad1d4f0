"""Simulated avatars: real WebSocket clients, and exact totals of what they sent and received."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from avatar_site.walk import Walk

TELEMETRY_SECONDS = 5.0
CONNECTS_PER_SECOND = 200
CLOSE_SECONDS = 2.0
FIRST_DELAY, MAX_DELAY = 0.5, 30.0
STEADY_SECONDS = 10.0
LONGEST_ANSWER = 200
NAME_IN_USE = 4409
# A client closed with 4400 to 4499 must not come back, unless it was too slow or too fast, or its name is in use.
COME_BACK_CODES = (4408, NAME_IN_USE, 4429)
TOO_MANY = 429


class UnwantedError(Exception):
    """The server refuses this avatar permanently; the text says why."""


@dataclass
class SimulationTotals:
    """Totals of all avatars: `avatars` were admitted at least once, and `gave_up` were refused permanently.

    Bytes are those of the messages in UTF-8.
    """

    avatars: int = 0
    messages_sent: int = 0
    messages_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    reconnects: int = 0
    gave_up: int = 0


@dataclass(frozen=True)
class Plan:
    """What to simulate: `rate` messages per second and avatar; `ticket` makes the ticket for a client id."""

    url: str
    count: int
    rate: float = 2.0
    room: str = "lobby"
    seed: str | None = None
    ticket: Callable[[str], str] | None = None

    def address(self, client_id: str, resume: str = "") -> str:
        query = {"client_id": client_id, "room": self.room}
        if resume:
            query["resume"] = resume
        if self.ticket:
            query["ticket"] = self.ticket(client_id)
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(query)}"


async def simulate(plan: Plan, stop: asyncio.Event, report: Callable[[str], None]) -> SimulationTotals:
    """Runs the avatars until `stop` is set or all were refused permanently.

    `report` gets each distinct reason once for which one could not connect, or was refused.
    """
    totals = SimulationTotals()
    said: set[str] = set()

    def tell(text: str, reason: str) -> None:
        if reason not in said:
            said.add(reason)
            report(text)

    async def run(avatar: Avatar) -> None:
        try:
            await avatar.run(stop)
        except UnwantedError as error:
            totals.gave_up += 1
            tell(f"{avatar.client_id} gives up: {error}", str(error))

    async with asyncio.TaskGroup() as group:
        for number in range(1, plan.count + 1):
            group.create_task(run(Avatar(number, plan, totals, tell)))
            if await _is_set_within(stop, 1 / CONNECTS_PER_SECOND):
                break
    return totals


class Avatar:
    """One client, which reconnects when its connection is lost."""

    def __init__(self, number: int, plan: Plan, totals: SimulationTotals, tell: Callable[[str, str], None]) -> None:
        self._name = self.client_id = f"sim-{number:04d}"
        self._plan = plan
        self._totals = totals
        self._tell = tell
        self._why = ""
        self._random = random.Random(None if plan.seed is None else f"{plan.seed}:{number}")
        self._walk = Walk(self._random)
        self._was_let_in = False
        self._failures = 0
        self._resume = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Returns soon after `stop` is set. Raises UnwantedError."""
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            if await self._connect(stop) == NAME_IN_USE:
                self._give_way()
            steady = asyncio.get_running_loop().time() - began > STEADY_SECONDS
            self._failures = 0 if steady else self._failures + 1
            # Spread out, so that clients a server lost do not all come back at once.
            await _is_set_within(stop, min(MAX_DELAY, FIRST_DELAY * 2**self._failures) * self._random.uniform(0.5, 1))

    def _give_way(self) -> None:
        """Waits for its former place; an avatar that never had one takes a name beside another simulation's."""
        what = (
            "waits because its name is in use" if self._was_let_in else "takes another name because its own is in use"
        )
        self._tell(f"{self.client_id} {what}", what)
        if not self._was_let_in:
            self.client_id = f"{self._name}-{secrets.token_hex(2)}"

    async def _connect(self, stop: asyncio.Event) -> int:
        """One connection from beginning to end; returns the code it was closed with, or 0 if there was none."""
        try:
            # Compressing such small messages would cost more than it saves.
            address = self._plan.address(self.client_id, self._resume)
            async with connect(address, compression=None, close_timeout=CLOSE_SECONDS) as connection:
                self._totals.reconnects += self._was_let_in
                await self._live(connection, stop)
        except InvalidStatus as error:
            if error.response.status_code < 500 and error.response.status_code != TOO_MANY:
                raise UnwantedError(f"{error}{_body_of(error)}") from error
            self._no_connection(error)
            return 0
        except (OSError, InvalidHandshake) as error:
            self._no_connection(error)
            return 0
        code = connection.close_code or 0
        if not stop.is_set() and 4400 <= code < 4500 and code not in COME_BACK_CODES:
            raise UnwantedError(f"closed with {code}{self._why and f': {self._why}'}")
        return code

    def _no_connection(self, error: Exception) -> None:
        reason = _reason(error)
        self._tell(f"{self._plan.url} cannot be reached, trying again: {reason}", reason)

    async def _live(self, connection: ClientConnection, stop: asyncio.Event) -> None:
        """Acts until `stop` is set or the connection ends, and then closes it."""
        leaving = asyncio.Event()
        reader = asyncio.create_task(self._read(connection, leaving))
        senders = [
            asyncio.create_task(self._act_each(connection, 1 / self._plan.rate, self._walk.act, leaving)),
            asyncio.create_task(self._act_each(connection, TELEMETRY_SECONDS, self._walk.telemetry, leaving)),
        ]
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([reader, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        leaving.set()
        await asyncio.wait(senders, timeout=CLOSE_SECONDS)
        # The server has read everything when it answers the close, and the reader then ends with its last message.
        await connection.close()
        await asyncio.wait([reader, *senders])

    async def _read(self, connection: ClientConnection, leaving: asyncio.Event) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                self._totals.messages_received += 1
                self._totals.bytes_received += len(message.encode() if isinstance(message, str) else message)
                received = json.loads(message)
                if received["type"] == "welcome":
                    self._totals.avatars += not self._was_let_in
                    self._was_let_in = True
                    # With it the place is its own again, even while the server holds it for a lost connection.
                    self._resume = received.get("resume", "")
                if received["type"] == "error":
                    self._why = received.get("message", "")
                # Once the close is sent, sending would wait for its answer and so keep it from being read.
                if received["type"] == "ping" and not leaving.is_set():
                    await self._send(connection, {"type": "pong", "id": received["id"]})

    async def _act_each(
        self, connection: ClientConnection, period: float, act: Callable[[], dict[str, Any]], leaving: asyncio.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._random.uniform(0, period)
        with suppress(ConnectionClosed):
            while not await _is_set_within(leaving, due - loop.time()):
                await self._send(connection, act())
                due = max(due + period, loop.time())

    async def _send(self, connection: ClientConnection, message: dict[str, Any]) -> None:
        text = json.dumps(message, ensure_ascii=False)
        await connection.send(text)
        self._totals.messages_sent += 1
        self._totals.bytes_sent += len(text.encode())


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set now or within the given time."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), max(0.0, seconds))
    return event.is_set()


def _reason(error: Exception) -> str:
    """Why there is no connection, without the numbers and addresses of each attempt."""
    if isinstance(error, ConnectionRefusedError):
        return "no server is listening there (connection refused): start the site, or name its address with --url"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _body_of(error: InvalidStatus) -> str:
    """The server's additional text, if it is a single line."""
    text = (error.response.body or b"").decode(errors="replace").strip()
    return f": {text}" if text and len(text) <= LONGEST_ANSWER and "<" not in text and text.isprintable() else ""
