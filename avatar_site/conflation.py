"""A queue for a peer that is behind: of messages that replace each other it keeps only the newest. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict
from enum import Enum

import msgspec

from monitoring.core.wire.outgoing import Outgoing

MOST_BYTES_IN_ORDER = 256 * 1024
"""Limit for messages that nothing replaces, such as speech; the oldest makes room."""


class ItemKind(Enum):
    """What a message is about, and so which message it replaces."""

    PRESENCE = "presence"
    POSE = "pose"
    EXPRESSION = "expression"
    METRICS = "metrics"
    ROSTER = "roster"
    ROOMS = "rooms"
    IN_ORDER = "in order"


class Item(msgspec.Struct, frozen=True):
    """A message of one kind about one avatar; `present` is false once the avatar has left."""

    kind: ItemKind
    about: str
    message: Outgoing
    present: bool = True


class ConflatedQueue:
    """A queue with at most one message of a kind about each avatar, and a byte limit for messages in order.

    A message takes the place of the one it replaces, and avatars take turns, so nobody waits longer because others send
    more often. When the limit is exceeded, the avatar with the most waiting bytes loses its oldest message. When an
    avatar leaves, its pose and expression are removed. `dropped` counts messages that were removed although nothing
    replaced them.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.items: OrderedDict[str, OrderedDict[tuple[ItemKind, int], Item]] = OrderedDict()
        """What waits for each avatar; checked for each message, so it is a plain attribute instead of a call."""
        self._in_order: Counter[str] = Counter()
        """Waiting bytes of each avatar."""
        self._bytes = self._number = self._length = 0

    def __len__(self) -> int:
        return self._length

    def put(self, item: Item) -> None:
        of_avatar = self.items.setdefault(item.about, OrderedDict())
        self._length -= len(of_avatar)
        if item.kind is ItemKind.IN_ORDER:
            self._number += 1
            of_avatar[item.kind, self._number] = item
        else:
            if not item.present:
                of_avatar.pop((ItemKind.POSE, 0), None)
                of_avatar.pop((ItemKind.EXPRESSION, 0), None)
                # It goes to the end, so that what the avatar said arrives before it leaves.
                of_avatar.pop((item.kind, 0), None)
            of_avatar[item.kind, 0] = item
        self._length += len(of_avatar)
        if item.kind is ItemKind.IN_ORDER:
            self._count(item, 1)
            while self._bytes > MOST_BYTES_IN_ORDER and self._drop_oldest():
                pass

    def first(self) -> Item:
        """The next message, which stays. Raises StopIteration if nothing waits."""
        return next(iter(next(iter(self.items.values())).values()))

    def take(self) -> Item:
        """Removes and returns the next message and moves to the next avatar. Raises StopIteration if empty."""
        about, of_avatar = next(iter(self.items.items()))
        _, item = of_avatar.popitem(last=False)
        self._length -= 1
        if of_avatar:
            self.items.move_to_end(about)
        else:
            del self.items[about]
        if item.kind is ItemKind.IN_ORDER:
            self._count(item, -1)
        return item

    def clear(self) -> None:
        self.items.clear()
        self._in_order.clear()
        self._bytes = self._length = 0

    def _count(self, item: Item, sign: int) -> None:
        size = sign * len(item.message.payload)
        self._bytes += size
        self._in_order[item.about] += size
        if not self._in_order[item.about]:
            del self._in_order[item.about]

    def _drop_oldest(self) -> bool:
        """Drops an ordered message of the avatar with the most waiting, unless it is the only one."""
        about = max(self._in_order, key=self._in_order.__getitem__)
        of_avatar = self.items[about]
        oldest = next(key for key in of_avatar if key[0] is ItemKind.IN_ORDER)
        if len(of_avatar[oldest].message.payload) == self._bytes:
            return False
        self._count(of_avatar.pop(oldest), -1)
        if not of_avatar:
            del self.items[about]
        self._length -= 1
        self.dropped += 1
        return True
