"""Moves the journal into the database, each batch exactly once, whoever else is doing the same."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

import redis
from django.db import transaction

from monitoring import conf, departed, journal, store
from monitoring.columns import UNFIT, timestamp
from monitoring.departed import Heard
from monitoring.journal import Entry
from monitoring.models import JournalCursor
from monitoring.store import Arrival

logger = logging.getLogger(__name__)

CHUNK = 500
CHUNK_BYTES = 512 * 1024
"""Of packed entries, which take fifty times as much memory while they are stored; always one at least."""

CONTINUITY = timedelta(minutes=5)
"""Between two runs; after a longer pause nodes need a moment to be heard again."""


class LostRaceError(Exception):
    """Another run has stored these entries."""


@dataclass(slots=True)
class Drained:
    batches: int = 0
    minutes: int = 0
    set_aside: int = 0
    gone: int = 0
    heard: Heard = field(default_factory=Heard)

    def __str__(self) -> str:
        text = f"stored {self.batches} batches into {self.minutes} minutes"
        if self.set_aside:
            text += f", set {self.set_aside} unreadable aside"
        if self.gone:
            text += f", closed what {self.gone} silent nodes left open"
        return text


def drain(client: redis.Redis) -> Drained:
    """Stores all that waits in the journal, then closes what silent nodes left open.

    Running twice, at the same time or after a crash changes nothing: rows and cursor move in one transaction. Raises
    redis.RedisError or django.db.OperationalError while either cannot be reached; the next run goes on from there.
    """
    cursor, _ = JournalCursor.objects.get_or_create(stream=journal.STREAM)
    drained = Drained()
    now = timestamp(journal.now(client))
    keep_seconds = conf.current().keep_seconds.total_seconds()
    try:
        position = journal.resume_from(client, cursor.position)
        while entries := journal.read_after(client, position, CHUNK):
            _store_readable(client, cursor, _bounded(entries), drained)
            position = cursor.position
            journal.trim_up_to(client, position, keep_seconds)
            journal.note_stored(client, position)
    except LostRaceError:
        logger.info("Another run stores the journal at the same time: %s", drained)
        return drained
    drained.gone = _close_departed(cursor, now, drained.heard)
    return drained


@transaction.atomic
def _close_departed(cursor: JournalCursor, now: datetime, heard: Heard) -> int:
    before = cursor.drained_at
    if not JournalCursor.objects.mark_drained(cursor, now):
        return 0  # another run has more
    if before is not None and now - before < CONTINUITY:
        return departed.close_departed(now)
    # The first run after an outage declares no node silent but those of whom the journal itself shows it: it took what
    # others had, and nothing of them.
    return departed.close_departed(timestamp(heard.until)) if heard.is_proof else 0


def _bounded(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of the first as one transaction may hold in memory."""
    sizes = accumulate(len(entry.data) for entry in entries)
    return entries[: max(1, bisect_right(list(sizes), CHUNK_BYTES))]


def _store_readable(client: redis.Redis, cursor: JournalCursor, entries: Sequence[Entry], drained: Drained) -> None:
    """Stores a chunk; where one entry makes that impossible, all but that one."""
    try:
        _commit(cursor, entries, drained)
    except UNFIT as error:
        if len(entries) > 1:
            for entry in entries:
                _store_readable(client, cursor, [entry], drained)
            return
        logger.exception("Entry %s of the journal is set aside: %s", entries[0].id, error)
        journal.set_aside(client, entries[0])
        _commit(cursor, entries, drained, readable=False)


def _commit(cursor: JournalCursor, entries: Sequence[Entry], drained: Drained, *, readable: bool = True) -> None:
    arrivals = [Arrival(journal.written_at(entry_id), journal.unpack(data)) for entry_id, data in entries if readable]
    skipped = len(entries) - len(arrivals)
    position = entries[-1].id
    with transaction.atomic():
        if not JournalCursor.objects.advance(cursor, position, stored=len(arrivals), set_aside=skipped):
            raise LostRaceError
        minutes = store.store(arrivals)
    cursor.position = position
    for arrival in arrivals:
        drained.heard.entry(arrival.at)
    drained.batches += len(arrivals)
    drained.minutes += minutes
    drained.set_aside += skipped
