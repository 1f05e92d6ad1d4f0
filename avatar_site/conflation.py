"""What waits for somebody who is behind: of everything that a newer message replaces, only the newest one. Pure."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum

import msgspec

from monitoring.core.outgoing import Outgoing

MOST_BYTES_IN_ORDER = 256 * 1024
"""Of what nothing replaces, such as what is said; the oldest makes room."""


class Kind(Enum):
    """What a message is about its subject, and so which one it replaces."""

    PRESENCE = "presence"
    POSE = "pose"
    EXPRESSION = "expression"
    METRICS = "metrics"
    ROSTER = "roster"
    IN_ORDER = "in order"


class Item(msgspec.Struct, frozen=True):
    """A message of one kind about one avatar; `present` is false once the avatar has left."""

    kind: Kind
    about: str
    message: Outgoing
    present: bool = True


class Waiting:
    """A queue with at most one message of a kind about each avatar, and a bounded number of bytes of those in order.

    A message takes the place of the one that it replaces, so that nobody waits longer because others send more often.
    Whoever leaves takes pose and expression along. `dropped` counts what had to go although nothing replaced it.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.items: OrderedDict[tuple[Kind, str, int], Item] = OrderedDict()
        """What waits; for each message somebody looks whether it is empty, which a call would make dearer."""
        self._in_order: OrderedDict[tuple[Kind, str, int], int] = OrderedDict()
        self._bytes = self._number = 0

    def __len__(self) -> int:
        return len(self.items)

    def put(self, item: Item) -> None:
        if item.kind is Kind.IN_ORDER:
            self._put_in_order(item)
            return
        key = (item.kind, item.about, 0)
        if not item.present:
            self.items.pop((Kind.POSE, item.about, 0), None)
            self.items.pop((Kind.EXPRESSION, item.about, 0), None)
            # To the end: what the avatar still said comes before it leaves.
            self.items.pop(key, None)
        self.items[key] = item

    def first(self) -> Item:
        """The oldest, which stays. Raises StopIteration when nothing waits."""
        return next(iter(self.items.values()))

    def take(self) -> Item:
        """The oldest. Raises KeyError when nothing waits."""
        key, item = self.items.popitem(last=False)
        if item.kind is Kind.IN_ORDER:
            self._bytes -= self._in_order.pop(key)
        return item

    def clear(self) -> None:
        self.items.clear()
        self._in_order.clear()
        self._bytes = 0

    def _put_in_order(self, item: Item) -> None:
        self._number += 1
        key = (Kind.IN_ORDER, item.about, self._number)
        self.items[key] = item
        self._in_order[key] = size = len(item.message.payload)
        self._bytes += size
        while self._bytes > MOST_BYTES_IN_ORDER and len(self._in_order) > 1:
            oldest, size = self._in_order.popitem(last=False)
            del self.items[oldest]
            self._bytes -= size
            self.dropped += 1
