"""The seconds of one node's minute that must be kept to add nodes second by second.

Ten clients that move from one node to another within a minute were never twenty. The highest and lowest of each node do
not show that; the value of each in each second does. A minute takes about 300 bytes here, and 1 000 at most.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from operator import length_hint

from monitoring.core.stats.fold import NodeSample, is_side_by_side
from monitoring.core.stats.sample import ADDED, OF_HOSTS, Gauge, Sample
from monitoring.core.stats.spread import LONGEST, spread
from monitoring.core.wire.inflate import inflate
from monitoring.core.wire.other_formats import OtherFormatError

SECONDS = 60

STEPS = {
    "connections": 100,
    "message_rate": 100,
    "memory_used_mb": 1_024,
    "network_sent_rate": 65_536,
    "network_recv_rate": 65_536,
}
"""The number of steps per unit of each: hundredths, kilobytes and 16 bytes a second. Stored tracks have this order."""

if missing := set(ADDED).symmetric_difference(STEPS):
    raise TypeError(
        f"{', '.join(missing)}: STEPS in {__name__} needs each added level of a sample, new ones at its end"
    )

WHOLE, TORN = b"\x01", b"\x00"
"""The first byte is the form; another release may have others."""
MOST_BYTES = 64 * 1024


class Track:
    """Additive values over nodes or hosts, second by second: each level at the end of each second.

    It is `whole` unless a part of the minute is known only as the lowest and highest of several seconds.
    """

    __slots__ = ("levels", "whole")

    def __init__(self, *, whole: bool = True) -> None:
        self.whole = whole
        self.levels: dict[str, list[float | None]] = {name: [None] * SECONDS for name in STEPS}

    def add(self, sample: Sample) -> None:
        """Adds a sample of this minute that follows the previous ones."""
        length = sample.until - sample.start
        for name in self.levels:
            gauge: Gauge = getattr(sample, name)
            if gauge.count and (length > LONGEST or (length > 1 and gauge.min != gauge.max)):
                self.whole = False
        if length > LONGEST:
            return
        for piece in spread(sample):
            second = math.floor(piece.start) % SECONDS
            for name, levels in self.levels.items():
                level = getattr(piece, name).average
                if level is not None:
                    levels[second] = level

    def encode(self) -> bytes:
        """Compact bytes, which `decode` reads."""
        numbers = bytearray()
        for name, levels in self.levels.items():
            before = 0
            for level in levels:
                if level is None:
                    numbers.append(0)
                    continue
                steps = round(level * STEPS[name])
                _append(numbers, steps - before)
                before = steps
        return (WHOLE if self.whole else TORN) + zlib.compress(numbers)

    @classmethod
    def decode(cls, data: bytes) -> Track:
        """The track in `encode`'s bytes. Raises OtherFormatError for another release's, else ValueError."""
        if data[:1] not in (WHOLE, TORN, b""):
            raise OtherFormatError(f"a track of form {data[0]}")
        track = cls(whole=data[:1] == WHOLE)
        try:
            numbers = iter(inflate(data[1:], MOST_BYTES))
            for name, levels in track.levels.items():
                if not length_hint(numbers):
                    # A release that had no such level wrote the track.
                    break
                steps = 0
                for second in range(SECONDS):
                    difference = _read(numbers)
                    if difference is not None:
                        steps += difference
                        levels[second] = steps / STEPS[name]
        except (ValueError, StopIteration) as error:
            raise ValueError("a track is cut off") from error
        return track


def _append(numbers: bytearray, difference: int) -> None:
    """A difference as one number from 1 on, seven bits per byte; 0 means that a second was not measured."""
    rest = (difference << 1 if difference >= 0 else (-difference << 1) - 1) + 1
    while rest > 0x7F:
        numbers.append(rest & 0x7F | 0x80)
        rest >>= 7
    numbers.append(rest)


def _read(numbers: Iterator[int]) -> int | None:
    number = shift = 0
    while True:
        byte = next(numbers)
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if number == 0:
        return None
    rest = number - 1
    return -(rest + 1 >> 1) if rest & 1 else rest >> 1


def follow(whole: Sample, parts: Sequence[NodeSample], tracks: Sequence[Track | None]) -> None:
    """Replaces the bounds of a folded minute by its extremes, second by second, if all tracks are whole.

    A second counts if every part that was there, from its sample's start to its end, was measured in it.
    """
    if not whole.bounded or any(track is None or not track.whole for track in tracks):
        return
    known = [track for track in tracks if track is not None]
    found = {name: list(_sums(name, parts, known)) for name in ADDED if is_side_by_side(name, parts)}
    if not all(found.values()):
        return
    for name, sums in found.items():
        gauge: Gauge = getattr(whole, name)
        average, peak = gauge.sum / gauge.count, max(getattr(part.sample, name).max for part in parts)
        low, high = min(*sums, average), max(*sums, average, peak)
        setattr(whole, name, Gauge(gauge.count, gauge.sum, low, high))
    whole.bounded = False


def _sums(name: str, parts: Sequence[NodeSample], tracks: Sequence[Track]) -> Iterator[float]:
    """The level of all parts together in each second in which that is known."""
    units: dict[str, list[tuple[Sample, Sequence[float | None]]]] = {}
    for at, (part, track) in enumerate(zip(parts, tracks, strict=True)):
        if getattr(part.sample, name).count:
            unit = part.host if name in OF_HOSTS else str(at)
            units.setdefault(unit, []).append((part.sample, track.levels[name]))
    minute = math.floor(min(part.sample.start for part in parts) / SECONDS) * SECONDS
    for second in range(SECONDS):
        levels = [_level(unit, minute + second, second) for unit in units.values()]
        here = [level for level in levels if level is not math.inf]
        if here and None not in here:
            yield sum(level for level in here if level is not None)


def _level(unit: Iterable[tuple[Sample, Sequence[float | None]]], moment: int, second: int) -> float | None:
    """What a node or host had in a second: None if that was not measured, infinity if it was not there."""
    there = [levels[second] for sample, levels in unit if sample.start < moment + 1 and sample.until > moment]
    if not there:
        return math.inf
    read = [level for level in there if level is not None]
    return sum(read) / len(read) if read else None
