"""The avatars on other nodes: who they are, and what the bus carries to and from them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from avatar_site.claims import Claim
from avatar_site.conflation import Item, ItemKind
from avatar_site.valve import MESSAGE_COSTS, Pump, Valve
from monitoring.core.cancel import cancel_and_wait
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.token_bucket import TokenBucket
from monitoring.fleet.bus import Bus

said = SaidOnce(logging.getLogger(__name__))
VERSION = 1  # Version of events: new fields at their ends, and events that others may ignore, do not change it.
HELLO_SECONDS, LEASE_SECONDS = 1.0, 4.0
"""A node that has been silent for its lease is gone, and so are its avatars."""
ROSTER_SECONDS = 10.0
BYTES_PER_SECOND, BYTES_AT_ONCE = 4 * 1024 * 1024, 512 * 1024
"""What one node sends to the others; each message counts MESSAGE_COSTS more. Poses beyond this are dropped."""


@dataclass(slots=True)
class Guest:
    """An avatar on another node."""

    room: str
    claim: Claim
    last_pose: Outgoing | None = None


class Joined(msgspec.Struct, tag="j", array_like=True):
    room: str
    client_id: str
    claim: Claim = Claim()


class Left(msgspec.Struct, tag="l", array_like=True):
    room: str
    client_id: str


class Acted(msgspec.Struct, tag="a", array_like=True):
    """A text for the others in the room; with `is_pose` it says how the avatar stands from now on.

    A text sent `again`, for somebody who may have missed it, is not news to those who have it.
    """

    room: str
    client_id: str
    text: str
    is_pose: bool
    is_expression: bool = False
    again: bool = False


class Roster(msgspec.Struct, tag="r", array_like=True):
    """All avatars of the sender's node, so that a lost message does no lasting harm."""

    client_ids: list[str]


class Asked(msgspec.Struct, tag="q", array_like=True):
    """The sender does not know who is on this node."""

    node: str


Event = Joined | Left | Acted | Roster | Asked


class LocalRooms(Protocol):
    """The rooms of this node, as its neighbours' messages reach them."""

    def guest_joined(self, client_id: str, guest: Guest, *, was_seen: bool) -> None: ...

    def guest_left(self, client_id: str, room: str) -> None: ...

    def hand_out(self, room: str, item: Item) -> None: ...

    def introductions(self) -> Iterable[tuple[str, str, Claim, Outgoing | None]]:
        """Room, name, claim and pose of each avatar here."""


class Neighbours:
    """The guests of every other node; they leave with their node, and a new node is asked for its guests.

    A name is `seen` in a room while an avatar of any node has it there.
    """

    def __init__(self, host: LocalRooms, pump: Pump) -> None:
        self.guests: dict[str, dict[str, Guest]] = {}
        self._host = host
        self._bus = Bus(
            "rooms", self._take, met=self._met, lost=self._lost, version=VERSION,
            hello_seconds=HELLO_SECONDS, silent_seconds=LEASE_SECONDS,
        )  # fmt: skip
        self._valve = Valve(TokenBucket(BYTES_PER_SECOND, BYTES_AT_ONCE), _price, self._send, pump)
        self._task: asyncio.Task[None] | None = None

    @property
    def node(self) -> str:
        """The id by which other nodes know this one."""
        return self._bus.member

    async def start(self) -> None:
        await self._bus.start()
        self._task = asyncio.create_task(self._tell_rosters(), name="rosters")

    async def stop(self) -> None:
        if self._task is not None:
            await cancel_and_wait(self._task)
        self._valve.flush()
        await self._bus.stop()

    def claims(self, client_id: str) -> Iterator[Claim]:
        """The claims of all other nodes to this name."""
        for guests in self.guests.values():
            if client_id in guests:
                yield guests[client_id].claim

    def find(self, room: str, client_id: str) -> Guest | None:
        """The guest with this name in this room."""
        named = (guests.get(client_id) for guests in self.guests.values())
        return next((guest for guest in named if guest is not None and guest.room == room), None)

    def all(self) -> Iterator[tuple[str, Guest]]:
        return (found for guests in self.guests.values() for found in guests.items())

    def in_room(self, room: str) -> Iterator[tuple[str, Guest]]:
        return ((client_id, guest) for client_id, guest in self.all() if guest.room == room)

    def joined(self, room: str, client_id: str, claim: Claim) -> None:
        self._queue(ItemKind.PRESENCE, client_id, Joined(room, client_id, claim))

    def left(self, room: str, client_id: str) -> None:
        self._queue(ItemKind.PRESENCE, client_id, Left(room, client_id), present=False)

    def acted(self, room: str, item: Item) -> None:
        if not self._bus.alone:
            self._valve.offer(self._acted(room, item))

    def _acted(self, room: str, item: Item, *, again: bool = False) -> Item:
        is_pose, is_expression = item.kind is ItemKind.POSE, item.kind is ItemKind.EXPRESSION
        event = Acted(room, item.about, item.message.text, is_pose, is_expression, again)
        return Item(item.kind, item.about, Note(event, item.message.payload))

    def _queue(self, kind: ItemKind, about: str, event: Event, *, present: bool = True) -> None:
        if not self._bus.alone:
            self._valve.offer(Item(kind, about, Note(event), present))

    def _send(self, item: Item) -> None:
        note = item.message
        assert isinstance(note, Note)
        self._bus.send(msgspec.to_builtins(note.event))

    def _introduce_all(self) -> None:
        """Tells who is here, in slices: the bus would lose some of several thousand."""
        for room, client_id, claim, pose in self._host.introductions():
            self._valve.put([Item(ItemKind.PRESENCE, client_id, Note(Joined(room, client_id, claim)))])
            if pose is not None:
                self._valve.put([self._acted(room, Item(ItemKind.POSE, client_id, pose), again=True)])
        self._tell_roster()

    def _tell_roster(self) -> None:
        roster = Roster([client_id for _, client_id, *_ in self._host.introductions()])
        self._valve.put([Item(ItemKind.ROSTER, "", Note(roster, "".join(roster.client_ids).encode()))])

    async def _tell_rosters(self) -> None:
        while True:
            await asyncio.sleep(ROSTER_SECONDS)
            if not self._bus.alone:
                self._tell_roster()

    def _met(self, node: str) -> None:
        """A node is new, or back: neither side knows who is on the other."""
        self._introduce_all()
        self._queue(ItemKind.IN_ORDER, "", Asked(node))

    def _lost(self, node: str) -> None:
        for client_id, guest in self.guests.pop(node, {}).items():
            self._host.guest_left(client_id, guest.room)

    def _take(self, node: str, raw: Any) -> None:
        try:
            event: Event = msgspec.convert(raw, Event)
        except msgspec.ValidationError as error:
            said.warn("An event", f"node {node}", f"part of it is skipped: {error}")
            return
        guests = self.guests.setdefault(node, {})
        match event:
            case Joined():
                self._take_joined(guests, node, event)
            case Left():
                if guests.pop(event.client_id, None):
                    self._host.guest_left(event.client_id, event.room)
            case Acted():
                self._take_acted(guests, event)
            case Roster():
                self._take_roster(guests, node, event)
            case Asked():
                if event.node == self.node:
                    self._introduce_all()

    def _take_joined(self, guests: dict[str, Guest], node: str, event: Joined) -> None:
        client_id = event.client_id
        before = guests.get(client_id)
        was_seen = self.find(event.room, client_id) is not None
        claim = msgspec.structs.replace(event.claim, node=node)
        guests[client_id] = guest = Guest(event.room, claim, before.last_pose if before else None)
        if before is not None and before.room != event.room:
            self._host.guest_left(client_id, before.room)
        self._host.guest_joined(client_id, guest, was_seen=was_seen)

    def _take_acted(self, guests: dict[str, Guest], event: Acted) -> None:
        message = Outgoing(event.text.encode())
        kind = ItemKind.POSE if event.is_pose else ItemKind.EXPRESSION if event.is_expression else ItemKind.IN_ORDER
        guest = guests.get(event.client_id)
        if event.is_pose and guest is not None:
            before, guest.last_pose = guest.last_pose, message
            if event.again and before is not None and before.payload == message.payload:
                return
        self._host.hand_out(event.room, Item(kind, event.client_id, message))

    def _take_roster(self, guests: dict[str, Guest], node: str, event: Roster) -> None:
        listed = set(event.client_ids)
        for client_id in guests.keys() - listed:
            self._host.guest_left(client_id, guests.pop(client_id).room)
        if listed - guests.keys():
            self._queue(ItemKind.IN_ORDER, "", Asked(node))


class Note(Outgoing):
    """An event on its way to the other nodes; its payload gives its size."""

    def __init__(self, event: Event, payload: bytes = b"") -> None:
        super().__init__(payload)
        self.event = event


def _price(item: Item) -> int:
    return len(item.message.payload) + MESSAGE_COSTS
