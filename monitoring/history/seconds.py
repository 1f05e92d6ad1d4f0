"""The journal as the finest tier: single seconds, for as long as the journal holds them.

A process remembers which entries hold which minute, and the minutes that were used last, folded; a minute is read again
if other entries hold it. So late data is found, and what the journal has deleted is forgotten.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain

import redis

from monitoring import conf, redis_connections
from monitoring.columns import timestamp
from monitoring.core.records import Batch
from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.sample import Sample
from monitoring.core.stats.spread import spread
from monitoring.history.packed_minutes import Packed, PackedMinutes, Second, pack
from monitoring.journal import stream
from monitoring.journal.index import MINUTE, JournalIndex, Position, RawEntry, read_range
from monitoring.journal.stream import FORMER, Keys
from monitoring.models import JournalCursor
from monitoring.site import SiteUnknownError

logger = logging.getLogger(__name__)

LONGEST = 5.0
"""How many seconds a person waits for the journal, however slow Redis is."""

NEARBY = 150.0
"""Entries of a minute that were written within this many seconds are read at once, with what lies between them."""


class SecondsUnavailableError(Exception):
    """The journal cannot be read now; the text says why, as a sentence for people."""


def samples(start: datetime, end: datetime, nodes: Collection[str] | None = None) -> list[Sample]:
    """What all nodes together, or these, measured in each second from `start` to `end` (exclusive), in order.

    A second of which the journal holds nothing is missing; late data is included, however late. Intervals of several
    seconds are spread over them. Raises SecondsUnavailableError if Redis does not answer in time.
    """
    if nodes is not None:
        chosen = ((second, [part for part in second.parts if part.node in nodes]) for second in by_node(start, end))
        return [_starting(second.epoch, fold(found)) for second, found in chosen if found]
    first, last = _bounds(start, end)
    found = (packed.samples() for packed in _minutes(first, last))
    return [_starting(epoch, sample) for minute in found for epoch, sample in minute.items() if first <= epoch < last]


def by_node(start: datetime, end: datetime) -> list[Second]:
    """The same seconds with what each node measured in them; otherwise like `samples`."""
    first, last = _bounds(start, end)
    found = (packed.seconds() for packed in _minutes(first, last))
    return [second for minute in found for second in minute if first <= second.epoch < last]


def recorded(start: datetime, end: datetime) -> list[NodeSample]:
    """The samples that end after `start` and by `end` as each start of each node recorded them, in order of time.

    Raises SecondsUnavailableError if Redis does not answer in time.
    """
    first, last = start.timestamp(), end.timestamp()
    with _reading() as reader:
        reader.update(first)
        found = reader.recorded(range(math.floor(first / MINUTE) * MINUTE, math.ceil(last), MINUTE))
    return sorted(
        (part for part in found if first < part.sample.until <= last),
        key=lambda part: (part.sample.until, part.sample.start),
    )


def raw_batches(start: datetime, end: datetime, boots: Collection[str]) -> list[bytes]:
    """The batches of these boots with samples of these minutes, inflated. Raises as `samples` does."""
    first, last = _bounds(start, end)
    with _reading() as reader:
        reader.update(first)
        return [*reader.raw(range(first - first % MINUTE, last, MINUTE), boots)]


def span() -> tuple[datetime, datetime] | None:
    """The range in which the journal has every measured second; None if it is empty.

    Raises SecondsUnavailableError if Redis does not answer in time.
    """
    with _reading() as reader:
        reader.update()
        held = [index for index in reader.indexes if index.first is not None]
        if not held:
            return None
        since = timestamp(min(index.first[0] for index in held if index.first is not None) / 1000)
        return since, max(since, timestamp(held[-1].until))


def _bounds(start: datetime, end: datetime) -> tuple[int, int]:
    return math.ceil(start.timestamp()), math.ceil(end.timestamp())


def _starting(epoch: int, sample: Sample) -> Sample:
    """A sample that begins within its second, so that rounding its start down gives the second."""
    sample.start = max(sample.start, float(epoch))
    return sample


def _minutes(first: int, last: int) -> list[Packed]:
    """The minutes that hold these seconds, in order."""
    with _reading() as reader:
        reader.update(first)
        return [reader.minute(minute) for minute in range(first - first % MINUTE, last, MINUTE)]


class _Reader:
    """The site's journal, preceded by the one that sites shared, as read by one thread at a time."""

    def __init__(self, redis_url: str, of: Keys) -> None:
        self.client: redis.Redis
        self._own, self._former = JournalIndex(of), JournalIndex(FORMER)
        self.indexes = [self._own]
        self._redis_url = redis_url
        self._lock = threading.Lock()
        self._packed = PackedMinutes()
        self._deadline = 0.0

    def __enter__(self) -> _Reader:
        if not self._lock.acquire(timeout=LONGEST):
            raise SecondsUnavailableError(f"Could not read the journal within {LONGEST:g} s")
        self._deadline = time.monotonic() + LONGEST
        self.client = redis_connections.connect(self._redis_url)
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        self.client.close()
        self._lock.release()
        if isinstance(error, redis.RedisError):
            logger.warning("Cannot read the journal: %s", error)
            raise SecondsUnavailableError("Cannot read the journal because Redis does not answer") from error

    def update(self, since: float | None = None) -> None:
        """Examines entries that can hold a sample from `since` on (UTC epoch seconds), by default the latest."""
        has_former = self.client.exists(FORMER.stream) and JournalCursor.objects.positions([FORMER.stream])
        self.indexes = [self._former, self._own] if has_former else [self._own]
        for index in self.indexes:
            index.update(self.client, since)

    def minute(self, minute: int) -> Packed:
        """The minute from the entries that the indexes know."""
        by_stream = {index.stream: index.entries(minute) for index in self.indexes}
        entries = tuple(chain.from_iterable(by_stream.values()))
        found = self._packed.get(minute, entries)
        if found is None:
            if time.monotonic() > self._deadline:
                raise SecondsUnavailableError(f"Could not read the journal within {LONGEST:g} s")
            found = pack(entries, _parts(minute, self._batches(by_stream)))
            self._packed.keep(minute, found)
        return found

    def recorded(self, minutes: range) -> list[NodeSample]:
        """The samples in all entries that touch these minutes, without those that were taken with a wrong clock."""
        by_stream = {
            index.stream: tuple(sorted({entry for minute in minutes for entry in index.entries(minute)}))
            for index in self.indexes
        }
        found: defaultdict[str, list[NodeSample]] = defaultdict(list)
        for batch in self._batches(by_stream):
            if time.monotonic() > self._deadline:
                raise SecondsUnavailableError(f"Could not read the journal within {LONGEST:g} s")
            own = found[batch.boot]
            if batch.renewed:
                own[:] = [part for part in own if math.floor(part.sample.start / MINUTE) * MINUTE not in batch.renewed]
            own += [NodeSample(batch.node, batch.host, sample, batch.boot) for sample in batch.samples]
        return list(chain.from_iterable(found.values()))

    def raw(self, minutes: range, boots: Collection[str]) -> Iterator[bytes]:
        """What the entries of these boots that touch these minutes hold; unreadable ones are left out."""
        for index in self.indexes:
            for _, data in self._entries(index.stream, index.entries_of(minutes, boots)):
                with suppress(ValueError):
                    yield stream.inflated(data)

    def _batches(self, by_stream: Mapping[str, tuple[Position, ...]]) -> Iterator[Batch]:
        """The contents of these entries; unreadable ones are left to the drain, which sets them aside."""
        seen: set[tuple[str, int]] = set()
        for name, entries in by_stream.items():
            for position, data in self._entries(name, entries):
                try:
                    batch = stream.unpack(data)
                except ValueError as error:
                    logger.debug("Skipping entry %s: %s", position, error)
                    continue
                if (batch.boot, batch.seq) not in seen:
                    seen.add((batch.boot, batch.seq))
                    yield batch

    def _entries(self, stream: str, entries: tuple[Position, ...]) -> Iterator[RawEntry]:
        wanted = set(entries)
        for first, last in _runs(entries):
            yield from (entry for entry in read_range(self.client, stream, first, last) if entry.position in wanted)


def _runs(entries: tuple[Position, ...]) -> list[tuple[Position, Position]]:
    """First and last of each group of neighbouring entries."""
    runs: list[tuple[Position, Position]] = []
    for entry in entries:
        if runs and entry[0] - runs[-1][0][0] <= NEARBY * 1000:
            runs[-1] = runs[-1][0], entry
        else:
            runs.append((entry, entry))
    return runs


def _parts(minute: int, batches: Iterator[Batch]) -> dict[int, list[NodeSample]]:
    """What each start of each node measured in each second of the minute, in order."""
    seconds: defaultdict[int, dict[str, NodeSample]] = defaultdict(dict)
    for batch in batches:
        if minute in batch.renewed:
            for told in seconds.values():
                told.pop(batch.boot, None)
        for sample in batch.samples:
            for piece in spread(sample):
                second = math.floor(piece.start)
                if minute <= second < minute + MINUTE:
                    before = seconds[second].get(batch.boot)
                    whole = piece if before is None else before.sample + piece
                    seconds[second][batch.boot] = NodeSample(batch.node, batch.host, whole, batch.boot)
    return {second: [*found.values()] for second, found in sorted(seconds.items()) if found}


_readers: dict[tuple[str, Keys], _Reader] = {}


def _reading() -> _Reader:
    redis_url = conf.current().redis_url
    if not redis_url:
        raise SecondsUnavailableError("The setting REDIS_URL is missing: there is no journal")
    try:
        of = stream.keys()
    except SiteUnknownError as error:
        raise SecondsUnavailableError(f"Cannot find the journal: {error}") from error
    return _readers.setdefault((redis_url, of), _Reader(redis_url, of))
