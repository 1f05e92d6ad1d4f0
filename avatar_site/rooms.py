"""Who is in which room, and the relay of what they do to the room's others, on this node and the other ones."""

from __future__ import annotations

import os
import socket
from collections import defaultdict
from typing import Any, Protocol

import msgspec

from avatar_site.protocol import encode
from monitoring.bus import Bus


class Member(Protocol):
    """An avatar in a room. `last_pose` is its newest pose as others get it, for those who come later."""

    client_id: str
    last_pose: str | None

    def offer(self, text: str) -> bool: ...


class Event(msgspec.Struct, array_like=True):
    """Something that happened in a room of another node; `arrived` asks to be told who is there."""

    room: str
    text: str
    arrived: bool = False


class Rooms:
    """The rooms of this node. Texts go to the members here at once, and to the other nodes through the bus."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, Member]] = defaultdict(dict)
        self._taken: set[str] = set()
        self._bus = Bus("avatar.rooms", f"{socket.gethostname()}:{os.getpid()}", self._from_other_node)

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    def is_taken(self, client_id: str) -> bool:
        """Whether an avatar of this name is in any room of this node."""
        return client_id in self._taken

    def join(self, room: str, member: Member) -> None:
        """Tells the newcomer who is there, and the others that it came."""
        for other in self._members[room].values():
            self._introduce(other, member)
        self._members[room][member.client_id] = member
        self._taken.add(member.client_id)
        self._relay(room, member.client_id, encode("joined", client_id=member.client_id), arrived=True)

    def leave(self, room: str, member: Member) -> None:
        members = self._members[room]
        del members[member.client_id]
        self._taken.discard(member.client_id)
        if not members:
            del self._members[room]
        self._relay(room, member.client_id, encode("left", client_id=member.client_id))

    def relay(self, room: str, sender: Member, text: str) -> None:
        """Hands a text, which names its sender, to everybody in the room but the sender."""
        self._relay(room, sender.client_id, text)

    def _relay(self, room: str, sender_id: str, text: str, *, arrived: bool = False) -> None:
        for client_id, member in self._members.get(room, {}).items():
            if client_id != sender_id:
                member.offer(text)
        self._bus.send(msgspec.to_builtins(Event(room, text, arrived)))

    def _introduce(self, member: Member, newcomer: Member) -> None:
        newcomer.offer(encode("joined", client_id=member.client_id))
        if member.last_pose is not None:
            newcomer.offer(member.last_pose)

    def _from_other_node(self, node: str, raw: Any) -> None:  # noqa: ARG002
        event = msgspec.convert(raw, Event)
        members = self._members.get(event.room, {})
        for member in members.values():
            member.offer(event.text)
        if event.arrived:
            for member in members.values():
                self._bus.send(msgspec.to_builtins(Event(event.room, encode("joined", client_id=member.client_id))))
                if member.last_pose is not None:
                    self._bus.send(msgspec.to_builtins(Event(event.room, member.last_pose)))
