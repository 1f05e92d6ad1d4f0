"""Finds which entries of the journal hold samples of which minute.

An entry's id says when it was appended: usually within five seconds of its samples, but hours later if a node was cut
off from Redis. So each entry is examined once, and only for the times of its samples.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, cast

import msgspec
import redis

from monitoring.core.records import FIRST_VERSION, LATEST, VERSION
from monitoring.core.stats.spread import LONGEST
from monitoring.journal.stream import FIELD, Keys, inflated

MINUTE = 60
CHUNK = 500

SKEW_SECONDS = 10
"""How far the clocks of Redis and of a node may differ."""

SILENCE_SECONDS = 15
"""Three batches: a node that sent nothing for this long is not about to."""

Position = tuple[int, int]
"""An entry's id, as numbers."""


class SampleSpan(msgspec.Struct):
    """When a sample was taken, without its values."""

    start: float
    seconds: float = 0.0
    end: float | None = None

    @property
    def until(self) -> float:
        return self.start + self.seconds if self.end is None else self.end


class BatchHead(msgspec.Struct):
    """A batch without its contents."""

    boot: str
    seq: int
    samples: list[SampleSpan] = []
    version: int = FIRST_VERSION


class Known(NamedTuple):
    """A readable entry that is not a copy of another, and the minutes whose samples it holds."""

    position: Position
    minutes: range
    batch: tuple[str, int]


class JournalIndex:
    """Follows a journal; each `update` examines what was appended since the last one."""

    def __init__(self, of: Keys) -> None:
        self.stream = of.stream
        self.first: Position | None = None
        """The oldest entry in the journal."""
        self._until: dict[str, float] = {}
        self._until_told: dict[str, Position] = {}
        self._known: list[Known] = []
        self._batches: set[tuple[str, int]] = set()
        self._by_minute: dict[int, list[Position]] = {}
        self._from: Position | None = None
        self._to: Position = (0, 0)

    def entries(self, minute: int) -> tuple[Position, ...]:
        """The entries with samples of the minute that begins then, in the journal's order."""
        return tuple(sorted(self._by_minute.get(minute, ())))

    def entries_of(self, minutes: range, boots: Collection[str]) -> tuple[Position, ...]:
        """The entries of these boots that hold samples of any of these minutes, in the journal's order."""
        if not minutes:
            return ()
        wanted = (
            known.position
            for known in self._known
            if known.batch[0] in boots and known.minutes[0] <= minutes[-1] and known.minutes[-1] >= minutes[0]
        )
        return tuple(sorted(wanted))

    @property
    def until(self) -> float:
        """Up to when every node has reported everything, UTC epoch seconds; nodes that were silent for longer do not
        count.

        0 before the first update.
        """
        newest = max(self._until.values(), default=0.0)
        # A node whose clock is far ahead reports seconds that are still to come.
        newest = min(newest, self._to[0] / 1000 + SKEW_SECONDS)
        return min([newest, *(until for until in self._until.values() if until > newest - SILENCE_SECONDS)])

    def update(self, client: redis.Redis, since: float | None = None) -> None:
        """Examines every entry that can hold a sample from `since` on (UTC epoch seconds), by default the latest.

        Raises redis.RedisError.
        """
        last = self._look_around(client)
        if self.first is None:
            return
        since = last[0] / 1000 if since is None else since
        wanted = max(self.first, (max(0, int((since - SKEW_SECONDS) * 1000)), 0))
        # What is known is one stretch without gaps, so only its two ends are read on: the newer one as the journal
        # grows, the older one when somebody asks for an earlier moment.
        if self._from is None:
            self._look_into(read_range(client, self.stream, wanted, last))
        else:
            self._look_into(read_range(client, self.stream, after(self._to), last))
            self._look_into(read_range(client, self.stream, wanted, before(self._from)))
        self._from = min(wanted, self._from or wanted)
        self._to = last

    def _look_around(self, client: redis.Redis) -> Position:
        """Forgets entries that the journal has deleted; returns the last id it assigned."""
        try:
            info = client.xinfo_stream(self.stream)
        except redis.ResponseError:
            info = {"first-entry": None, "last-generated-id": b"0-0"}
        first, last = info["first-entry"], position_of(info["last-generated-id"])
        if first is None or last < self._to:
            self._forget_all()  # whatever is in its place is another stream
        if first is None:
            return last
        oldest = position_of(first[0])
        if self.first is None or oldest > self.first:
            self._forget_before(oldest)
        self.first = oldest
        return last

    def _forget_all(self) -> None:
        self.first, self._until, self._from, self._to = None, {}, None, (0, 0)
        self._known, self._batches, self._by_minute = [], set(), {}

    def _forget_before(self, oldest: Position) -> None:
        kept = [known for known in self._known if known.position >= oldest]
        self._known, self._batches, self._by_minute = [], set(), {}
        for known in kept:
            self._know(known)

    def _look_into(self, entries: Iterable[RawEntry]) -> None:
        for entry in entries:
            head = _head(entry.data)
            # A batch that was appended twice, after an answer that got lost, is known by its number.
            if head is None or not head.samples or (head.boot, head.seq) in self._batches:
                continue
            first = int(min(sample.start for sample in head.samples))
            until = max(sample.until for sample in head.samples)
            # One broken sample must not claim every minute of a year.
            last = int(min(until, first + LONGEST))
            self._know(Known(entry.position, range(first - first % MINUTE, last + 1, MINUTE), (head.boot, head.seq)))
            # A node's latest report counts: a clock that was ahead may have been set back.
            if entry.position >= self._until_told.get(head.boot, (0, 0)):
                self._until[head.boot], self._until_told[head.boot] = until, entry.position

    def _know(self, known: Known) -> None:
        self._known.append(known)
        self._batches.add(known.batch)
        for minute in known.minutes:
            self._by_minute.setdefault(minute, []).append(known.position)


class RawEntry(NamedTuple):
    position: Position
    data: bytes


def read_range(client: redis.Redis, stream: str, start: Position, end: Position) -> Iterator[RawEntry]:
    """The entries from one to the other, both included, oldest first. Raises redis.RedisError."""
    while start <= end:
        found = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]",
            client.xrange(stream, min=_id(start), max=_id(end), count=CHUNK),
        )
        for entry_id, fields in found:
            yield RawEntry(position_of(entry_id), fields.get(FIELD.encode(), b""))
        if len(found) < CHUNK:
            return
        start = after(position_of(found[-1][0]))


def position_of(entry_id: bytes) -> Position:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)


def after(position: Position) -> Position:
    return position[0], position[1] + 1


def before(position: Position) -> Position:
    return (position[0], position[1] - 1) if position[1] else (position[0] - 1, 2**63)


def _id(position: Position) -> str:
    return f"{position[0]}-{position[1]}"


def _head(data: bytes) -> BatchHead | None:
    """None if it is not a batch: the drain sets it aside, or puts it off if another release wrote it."""
    try:
        head = _heads.decode(inflated(data))
    except (ValueError, RecursionError):
        return None
    has_times = all(0 <= sample.start <= sample.until <= LATEST for sample in head.samples)
    return head if has_times and head.version == VERSION else None


_heads = msgspec.msgpack.Decoder(BatchHead)
