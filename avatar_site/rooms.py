"""Knows who is in which room, and relays what avatars do to the others in the room, on this node and on others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Protocol

from avatar_site.admission import Admission
from avatar_site.claims import Claim
from avatar_site.conflation import Item, ItemKind
from avatar_site.neighbours import Guest, Neighbours
from avatar_site.protocol import encode
from avatar_site.room_list import RoomList
from avatar_site.valve import MESSAGE_COSTS, Pump, Valve
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.token_bucket import TokenBucket

REPLACED, NAME_IN_USE = 4410, 4409
TAKEN_OVER = "another connection of this avatar has taken its place"

BYTES_PER_SECOND, BYTES_AT_ONCE = 64 * 1024 * 1024, 128 * 1024 * 1024
"""What one room delivers; each message to each member counts MESSAGE_COSTS more. Poses beyond this are dropped."""


class Member(Protocol):
    """An avatar on this node. `last_pose` is its newest pose as others get it, for those who join later."""

    client_id: str
    admission: Admission | None
    claim: Claim
    last_pose: Outgoing | None

    def tell(self, item: Item, /) -> object: ...

    def introduce(self, items: Iterable[Item]) -> None:
        """Tells the member who is there, in slices."""

    def give_way(self) -> None:
        """From now on its name is free for the statistics of the connection that takes its place."""

    def dismiss(self, code: int, cause: str, why: str) -> None:
        """Ends its connection without waiting; from now on it no longer counts."""


class Room:
    """The members of this node in one room, and what is sent to all of them."""

    def __init__(self, pump: Pump) -> None:
        self.members: dict[str, Member] = {}
        self._valve = Valve(TokenBucket(BYTES_PER_SECOND, BYTES_AT_ONCE), self._price, self._deliver, pump)

    def tell(self, item: Item) -> None:
        """Tells everybody except the subject, and only the newest to those who are behind."""
        self._valve.offer(item)

    def _price(self, item: Item) -> int:
        return (len(item.message.payload) + MESSAGE_COSTS) * len(self.members)

    def _deliver(self, item: Item) -> None:
        about = item.about
        for client_id, member in self.members.items():
            if client_id != about:
                member.tell(item)


class Rooms:
    """The rooms of this node, and who is in them on other nodes.

    Each name belongs to one avatar of the site. Whoever comes back as the same holder takes its place over, wherever
    its old connection is, and the room sees nobody leave or join.
    """

    def __init__(self) -> None:
        self.pump = Pump()
        self._rooms: dict[str, Room] = {}
        self._places: dict[str, tuple[str, Member]] = {}
        self._neighbours = Neighbours(self, self.pump)
        self.listed = RoomList(self.occupants)

    async def start(self) -> None:
        await self._neighbours.start()

    async def stop(self) -> None:
        await self._neighbours.stop()
        self.listed.stop()
        self.pump.stop()

    @property
    def members(self) -> Iterator[Member]:
        """All avatars of this node."""
        return (member for _, member in self._places.values())

    def occupants(self) -> dict[str, int]:
        """How many avatars are in each room, on all nodes together; one that moves between two nodes counts once."""
        present = {room: len(here.members) for room, here in self._rooms.items()}
        away = {(guest.room, client_id) for client_id, guest in self._neighbours.all()}
        for room, client_id in away:
            here = self._rooms.get(room)
            if here is None or client_id not in here.members:
                present[room] = present.get(room, 0) + 1
        return present

    def is_taken(self, client_id: str, holder: str = "") -> bool:
        """Whether an avatar with this name and another holder is in any room of any node."""
        return any(claim.holder != holder or not holder for claim in self._claims(client_id))

    def make_way(self, client_id: str, holder: str) -> None:
        """Makes the holder's connection that is still here give its name to the next one, which is about to join."""
        if client_id in self._places and not self.is_taken(client_id, holder):
            self._places[client_id][1].give_way()

    def join(self, room: str, member: Member, holder: str = "") -> None:
        """Tells the newcomer who is there, and the others that it joined."""
        client_id = member.client_id
        claims = list(self._claims(client_id))
        was_seen = self._is_seen(room, client_id)
        if member.last_pose is None:
            member.last_pose = self._last_pose(room, client_id)
        self._replace(client_id, room)
        now = time.time()
        turn = max([int(now * 1000), *(claim.turn + 1 for claim in claims)])
        since = min((claim.since for claim in claims), default=now)
        member.claim = Claim(holder, turn, since, self._neighbours.node)
        here = self._rooms.setdefault(room, Room(self.pump))
        here.members[client_id] = member
        self._places[client_id] = room, member
        member.introduce(self._introductions_to(room, client_id))
        if not was_seen:
            here.tell(presence("joined", client_id))
        self._neighbours.joined(room, client_id, member.claim)
        self.listed.changed()

    def leave(self, room: str, member: Member) -> None:
        """Tells the others, unless another connection has taken the avatar's place."""
        client_id = member.client_id
        if self._places.get(client_id) != (room, member):
            return
        self._remove(room, client_id)
        self._neighbours.left(room, client_id)
        self.guest_left(client_id, room)

    def relay(self, room: str, sender: Member, message: Outgoing, kind: ItemKind = ItemKind.IN_ORDER) -> None:
        """Sends a message, which names its sender, to everybody in the room except the sender."""
        item = Item(kind, sender.client_id, message)
        self._rooms[room].tell(item)
        self._neighbours.acted(room, item)

    # Messages from the neighbours

    def introductions(self) -> Iterator[tuple[str, str, Claim, Outgoing | None]]:
        for client_id, (room, member) in self._places.items():
            yield room, client_id, member.claim, member.last_pose

    def hand_out(self, room: str, item: Item) -> None:
        here = self._rooms.get(room)
        if here is not None:
            here.tell(item)

    def guest_joined(self, client_id: str, guest: Guest, *, was_seen: bool) -> None:
        room, member = self._places.get(client_id, ("", None))
        self.listed.changed()
        if not was_seen and guest.room != room:
            self.hand_out(guest.room, presence("joined", client_id))
        if member is None:
            return
        if guest.room == room and guest.last_pose is None:
            guest.last_pose = member.last_pose
        if not guest.claim.beats(member.claim):
            # The other node comes to the same answer once it knows of this claim.
            self._neighbours.joined(room, client_id, member.claim)
        elif guest.claim.holder == member.claim.holder:
            member.dismiss(REPLACED, "replaced", TAKEN_OVER)
        else:
            member.dismiss(NAME_IN_USE, "name in use", f"client_id={client_id!r} was in use on another node")

    def guest_left(self, client_id: str, room: str) -> None:
        self.listed.changed()
        if not self._is_seen(room, client_id):
            self.hand_out(room, presence("left", client_id))

    def _claims(self, client_id: str) -> Iterator[Claim]:
        if client_id in self._places:
            yield self._places[client_id][1].claim
        yield from self._neighbours.claims(client_id)

    def _is_seen(self, room: str, client_id: str) -> bool:
        is_here = client_id in self._places and self._places[client_id][0] == room
        return is_here or self._neighbours.find(room, client_id) is not None

    def _last_pose(self, room: str, client_id: str) -> Outgoing | None:
        if client_id in self._places and self._places[client_id][0] == room:
            return self._places[client_id][1].last_pose
        guest = self._neighbours.find(room, client_id)
        return guest.last_pose if guest else None

    def _replace(self, client_id: str, room: str) -> None:
        """Takes the place of the connection that is still here; another room sees it leave."""
        if client_id in self._places:
            old_room, before = self._places[client_id]
            self._remove(old_room, client_id)
            if old_room != room:
                self.guest_left(client_id, old_room)
            before.dismiss(REPLACED, "replaced", TAKEN_OVER)

    def _remove(self, room: str, client_id: str) -> None:
        del self._places[client_id]
        here = self._rooms[room]
        del here.members[client_id]
        if not here.members:
            del self._rooms[room]

    def _introductions_to(self, room: str, newcomer: str) -> Iterator[Item]:
        for client_id, member in self._rooms[room].members.items():
            if client_id != newcomer:
                yield from _introduction(client_id, member.last_pose)
        for client_id, guest in self._neighbours.in_room(room):
            if client_id != newcomer:
                yield from _introduction(client_id, guest.last_pose)


def presence(kind: str, client_id: str) -> Item:
    """The message that an avatar has "joined" or "left"."""
    return Item(ItemKind.PRESENCE, client_id, encode(kind, client_id=client_id), present=kind == "joined")


def _introduction(client_id: str, last_pose: Outgoing | None) -> Iterator[Item]:
    yield presence("joined", client_id)
    if last_pose is not None:
        yield Item(ItemKind.POSE, client_id, last_pose)
