"""Minutes of single seconds as bytes: a twentieth of their size as objects."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.sample import Sample
from monitoring.journal.index import Position

MOST_BYTES = 16 * 1024 * 1024


class Second(NamedTuple):
    """One second: its start in UTC epoch seconds, the fleet as one sample, and the samples of the nodes it is folded
    from."""

    epoch: int
    fleet: Sample
    parts: list[NodeSample]


class Packed(NamedTuple):
    """A minute, and the journal entries that it was read from. If there is only one node, `fleet` is empty."""

    entries: tuple[Position, ...]
    fleet: bytes
    parts: bytes

    def samples(self) -> dict[int, Sample]:
        """The fleet's seconds, in order."""
        if self.fleet:
            return _decode_fleet(self.fleet)
        return {epoch: parts[0].sample for epoch, parts in _decode_parts(self.parts).items()}

    def seconds(self) -> list[Second]:
        """The fleet's and the nodes' seconds; unpacking takes longer the more nodes there are."""
        fleet = _decode_fleet(self.fleet) if self.fleet else {}
        parts = _decode_parts(self.parts)
        return [Second(epoch, fleet.get(epoch) or found[0].sample, found) for epoch, found in parts.items()]


class PackedMinutes:
    """The minutes that were read last; at most 16 MB of them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._minutes: OrderedDict[int, Packed] = OrderedDict()
        self._bytes = 0

    def get(self, minute: int, entries: tuple[Position, ...]) -> Packed | None:
        """The minute as it was kept; None if it was not kept, or was read from other entries."""
        found = self._minutes.get(minute)
        if found is None or found.entries != entries:
            return None
        self._minutes.move_to_end(minute)
        return found

    def keep(self, minute: int, packed: Packed) -> None:
        """Keeps a minute; the minutes that were not used for longest make room."""
        self._drop(minute)
        self._minutes[minute] = packed
        self._bytes += len(packed.fleet) + len(packed.parts)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._minutes)))

    def _drop(self, minute: int) -> None:
        if dropped := self._minutes.pop(minute, None):
            self._bytes -= len(dropped.fleet) + len(dropped.parts)


def pack(entries: tuple[Position, ...], parts: dict[int, list[NodeSample]]) -> Packed:
    """Packs a minute; the fleet's seconds are folded from the nodes'."""
    fleet = {epoch: fold(found) for epoch, found in parts.items() if len(found) > 1}
    if fleet:
        fleet = {epoch: fleet.get(epoch) or found[0].sample for epoch, found in parts.items()}
    return Packed(entries, _encode(fleet) if fleet else b"", _encode(parts))


_encode = msgspec.msgpack.Encoder().encode
_decode_fleet = msgspec.msgpack.Decoder(dict[int, Sample]).decode
_decode_parts = msgspec.msgpack.Decoder(dict[int, list[NodeSample]]).decode
