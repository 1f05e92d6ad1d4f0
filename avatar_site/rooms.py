"""Who is in which room, and the relay of what they do to the room's others, on this node and the other ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from avatar_site.protocol import encode
from monitoring.bus import Bus
from monitoring.core.outgoing import Outgoing


class Member(Protocol):
    """An avatar of this node. `last_pose` is its newest pose as others get it, for those who come later."""

    client_id: str
    last_pose: Outgoing | None

    def offer(self, message: Outgoing) -> bool: ...


@dataclass(slots=True)
class Guest:
    """An avatar of another node."""

    room: str
    last_pose: Outgoing | None = None


class Joined(msgspec.Struct, tag="j", array_like=True):
    room: str
    client_id: str


class Left(msgspec.Struct, tag="l", array_like=True):
    room: str
    client_id: str


class Acted(msgspec.Struct, tag="a", array_like=True):
    """A text for the room's others; `is_pose` when it says how the avatar stands from now on."""

    room: str
    client_id: str
    text: str
    is_pose: bool


Event = Joined | Left | Acted


class Rooms:
    """The rooms of this node, and who is in them elsewhere.

    Texts go to the members here at once and to the other nodes through the bus. A node that is new is told who is here;
    the guests of one that falls silent leave.
    """

    def __init__(self) -> None:
        self._members: defaultdict[str, dict[str, Member]] = defaultdict(dict)
        self._taken: set[str] = set()
        self._guests: defaultdict[str, dict[str, Guest]] = defaultdict(dict)
        self._bus = Bus("rooms", self._from_other_node, met=self._introduce_all, lost=self._node_lost)

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    def is_taken(self, client_id: str) -> bool:
        """Whether an avatar of this name is in any room of any node."""
        return client_id in self._taken or any(client_id in guests for guests in self._guests.values())

    def join(self, room: str, member: Member) -> None:
        """Tells the newcomer who is there, and the others that it came."""
        for other in self._members[room].values():
            _introduce(other.client_id, other.last_pose, member)
        for guests in self._guests.values():
            for client_id, guest in guests.items():
                if guest.room == room:
                    _introduce(client_id, guest.last_pose, member)
        self._tell(room, encode("joined", client_id=member.client_id))
        self._members[room][member.client_id] = member
        self._taken.add(member.client_id)
        self._send(Joined(room, member.client_id))

    def leave(self, room: str, member: Member) -> None:
        members = self._members[room]
        del members[member.client_id]
        self._taken.discard(member.client_id)
        if not members:
            del self._members[room]
        self._tell(room, encode("left", client_id=member.client_id))
        self._send(Left(room, member.client_id))

    def relay(self, room: str, sender: Member, message: Outgoing, *, is_pose: bool) -> None:
        """Hands a message, which names its sender, to everybody in the room but the sender."""
        self._tell(room, message, but=sender.client_id)
        if not self._bus.alone:
            self._send(Acted(room, sender.client_id, message.text, is_pose))

    def _tell(self, room: str, message: Outgoing, but: str | None = None) -> None:
        for client_id, member in self._members.get(room, {}).items():
            if client_id != but:
                member.offer(message)

    def _send(self, event: Event) -> None:
        self._bus.send(msgspec.to_builtins(event))

    def _introduce_all(self, _node: str) -> None:
        """Another node has come, which knows nobody here."""
        for room, members in self._members.items():
            for member in members.values():
                self._send(Joined(room, member.client_id))
                if member.last_pose is not None:
                    self._send(Acted(room, member.client_id, member.last_pose.text, is_pose=True))

    def _node_lost(self, node: str) -> None:
        for client_id, guest in self._guests.pop(node, {}).items():
            self._tell(guest.room, encode("left", client_id=client_id))

    def _from_other_node(self, node: str, raw: Any) -> None:
        event: Event = msgspec.convert(raw, Event)
        guests = self._guests[node]
        match event:
            case Joined():
                if event.client_id not in guests:
                    guests[event.client_id] = Guest(event.room)
                    self._tell(event.room, encode("joined", client_id=event.client_id))
            case Left():
                if guests.pop(event.client_id, None):
                    self._tell(event.room, encode("left", client_id=event.client_id))
            case Acted():
                message = Outgoing(event.text.encode())
                if event.is_pose and event.client_id in guests:
                    guests[event.client_id].last_pose = message
                self._tell(event.room, message)


def _introduce(client_id: str, last_pose: Outgoing | None, newcomer: Member) -> None:
    newcomer.offer(encode("joined", client_id=client_id))
    if last_pose is not None:
        newcomer.offer(last_pose)
