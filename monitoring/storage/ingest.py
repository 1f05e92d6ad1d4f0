"""Moves the journal into the database, each batch exactly once, whoever else is doing the same."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

import redis
from django.db import transaction
from django.utils import timezone

from monitoring import conf
from monitoring.alerting.outbox import plan_notices
from monitoring.alerting.rules import rules_in_force
from monitoring.columns import UNFIT, timestamp
from monitoring.core.alert_rules import NODE_VANISHED
from monitoring.core.counted import counted
from monitoring.core.records import BEGINNING
from monitoring.core.wire.other_formats import OtherFormatError
from monitoring.fleet import totals
from monitoring.journal import stream
from monitoring.journal.stream import FORMER, Entry, Keys
from monitoring.models import JournalCursor
from monitoring.storage import rows, silent_nodes, vanished_nodes
from monitoring.storage.rows import Arrival
from monitoring.storage.silent_nodes import UnbrokenSpan
from monitoring.storage.turns import in_turns

logger = logging.getLogger(__name__)

CHUNK = 500
CHUNK_BYTES = 512 * 1024
"""Limit for packed entries, which take fifty times as much memory while they are stored; at least one is taken."""

CONTINUITY = timedelta(minutes=5)
"""Between two runs; after a longer pause nodes need a moment to be heard again."""


STEADY = timedelta(seconds=90)
"""Between two runs: then nobody, not even the whole machine, has been suspended meanwhile."""


class LostRaceError(Exception):
    """Another run has stored these entries."""


class StillUnknownError(Exception):
    """The entries that were put off belong to a release that this one still does not know."""


@dataclass(slots=True)
class Drained:
    batches: int = 0
    minutes: int = 0
    set_aside: int = 0
    put_off: int = 0
    gone: int = 0
    heard: UnbrokenSpan = field(default_factory=UnbrokenSpan)

    def __str__(self) -> str:
        text = f"stored {counted(self.batches, 'batch', 'batches')} into {counted(self.minutes, 'minute')}"
        if self.set_aside:
            text += f", set {counted(self.set_aside, 'unreadable entry', 'unreadable entries')} aside"
        if self.put_off:
            text += f", left {counted(self.put_off, 'batch', 'batches')} to another release"
        if self.gone:
            text += f", closed the sessions and alerts of {counted(self.gone, 'silent node')}"
        return text


def drain(client: redis.Redis, *, is_monitored: bool = True) -> Drained:
    """Stores everything that waits in the journal, then closes what silent nodes left open.

    Running twice, at the same time or after a crash changes nothing: rows and cursor move in one transaction. Raises
    redis.RedisError, SiteUnknownError or django.db.OperationalError if Redis or the database cannot be reached; the
    next run continues from there. If the site is no longer monitored, that is why alerts of silent nodes end.
    """
    keys = stream.keys()
    stored = stream.stored_up_to(client, keys)
    # Read afterwards: then no other run on this database can have stored more than its cursor says.
    cursor, _ = JournalCursor.objects.get_or_create(stream=keys.stream)
    if stream.order(stored) > stream.order(cursor.position):
        _say_that_another_stores(keys.stream)
    drained = Drained()
    could_append = vanished_nodes.has_room(client, keys)
    now = timestamp(stream.now(client))
    try:
        # Read after the cursor: if another run has put entries off since, it moved the cursor and this one loses.
        _store_put_off(client, keys, drained)
        up_to = _store_former(client, keys, drained)
        _store_journal(client, keys, cursor, drained, conf.current().keep_seconds.total_seconds(), up_to)
    except LostRaceError:
        logger.info("Another run is storing the journal at the same time: %s", drained)
        return drained
    # Otherwise nodes may live that could not be heard.
    is_proof = could_append and vanished_nodes.redis_is_settled(client)
    drained.gone = _close_departed(cursor, now, drained.heard, is_proof=is_proof, is_monitored=is_monitored)
    return drained


@cache
def _say_that_another_stores(journal: str) -> None:
    """Once per process, however long it lasts."""
    logger.warning(
        "The journal %s is stored by another database too: two sites with one name mix their histories. If one "
        "database is a copy of the other, set AVATAR_SITE for one of them; if this one was put back to an earlier "
        "state, all is well",
        journal,
    )


def _store_put_off(client: redis.Redis, keys: Keys, drained: Drained) -> None:
    """Stores what an older release could not read, before anything that the same nodes have appended since."""
    waiting = keys.put_off
    if client.exists(waiting.stream):
        cursor, _ = JournalCursor.objects.get_or_create(stream=waiting.stream)
        with suppress(StillUnknownError):
            _store_journal(client, waiting, cursor, drained, keep_seconds=0)


def _store_former(client: redis.Redis, keys: Keys, drained: Drained) -> str | None:
    """Stores what waits in the journal that sites shared; returns up to where this site's own may be stored after it.

    A node of the older release may have left batches on its disk, which another node appends to this site's journal.
    They have later numbers, so they must not be stored before what that node had appended itself.
    """
    cursor = JournalCursor.objects.filter(stream=FORMER.stream).first()
    if cursor is None or stream.last_id(client, FORMER) is None:
        return None
    up_to = stream.last_id(client, keys) or BEGINNING
    _store_journal(client, FORMER, cursor, drained, stream.RETIRED_SECONDS)
    if stream.retire(client, FORMER):
        client.delete(totals.FORMER_KEY)
        logger.info("The journal %s, which several sites shared, is stored and has been removed", FORMER.stream)
    return up_to


def _store_journal(
    client: redis.Redis,
    keys: Keys,
    cursor: JournalCursor,
    drained: Drained,
    keep_seconds: float,
    up_to: str | None = None,
) -> None:
    for entries in in_turns(_chunks(client, keys, cursor, up_to)):
        _store_readable(client, keys, cursor, entries, drained)
        stream.trim_up_to(client, cursor.position, keep_seconds, keys)
        stream.note_stored(client, cursor.position, keys)


def _chunks(client: redis.Redis, keys: Keys, cursor: JournalCursor, up_to: str | None) -> Iterator[Sequence[Entry]]:
    """What follows the cursor, which the caller moves: as many entries as one transaction may hold in memory."""
    position = stream.resume_from(client, cursor.position, keys)
    while entries := stream.read_after(client, position, CHUNK, keys):
        if up_to is not None:
            entries = [entry for entry in entries if stream.order(entry.id) <= stream.order(up_to)]
        if not entries:
            return
        sizes = accumulate(len(entry.data) for entry in entries)
        yield entries[: max(1, bisect_right(list(sizes), CHUNK_BYTES))]
        position = cursor.position


@transaction.atomic
def _close_departed(
    cursor: JournalCursor, now: datetime, heard: UnbrokenSpan, *, is_proof: bool, is_monitored: bool
) -> int:
    before = cursor.drained_at
    if not JournalCursor.objects.mark_drained(cursor, now):
        return 0  # another run has more
    is_steady = before is not None and now - before < STEADY
    is_changed = False
    if is_monitored and is_proof and (is_steady or heard.is_proof):
        moment = now if is_steady else timestamp(heard.until)
        rule = rules_in_force().get(NODE_VANISHED.key)
        is_changed = vanished_nodes.report_vanished(moment, before or moment, rule)
    gone = _close_silent(before, now, heard, is_monitored=is_monitored)
    if is_changed or gone:
        plan_notices(timezone.now())
    return gone


def _close_silent(before: datetime | None, now: datetime, heard: UnbrokenSpan, *, is_monitored: bool) -> int:
    if before is not None and now - before < CONTINUITY:
        return silent_nodes.close_departed(now, is_monitored=is_monitored)
    # The first run after an outage declares a node silent only if the journal itself shows it: it accepted entries of
    # other nodes, and none of that one.
    if heard.is_proof:
        return silent_nodes.close_departed(timestamp(heard.until), is_monitored=is_monitored)
    return 0


def _store_readable(
    client: redis.Redis, keys: Keys, cursor: JournalCursor, entries: Sequence[Entry], drained: Drained
) -> None:
    """Stores a chunk; if one entry makes that impossible, everything except that one."""
    try:
        _commit(cursor, entries, drained)
    except UNFIT as error:
        if len(entries) > 1:
            for entry in entries:
                _store_readable(client, keys, cursor, [entry], drained)
            return
        if isinstance(error, OtherFormatError):
            _put_off(client, keys, cursor, entries[0], drained)
            return
        logger.exception("Set entry %s of the journal aside: %s", entries[0].id, error)
        stream.set_aside(client, entries[0], keys)
        _commit(cursor, entries, drained, readable=False)


def _put_off(client: redis.Redis, keys: Keys, cursor: JournalCursor, entry: Entry, drained: Drained) -> None:
    """Puts an entry of another release off. It may be put off twice, but like any copy it is stored once."""
    if keys == stream.keys().put_off:
        raise StillUnknownError
    stream.put_off(client, entry, stream.keys())
    _commit(cursor, [entry], drained, is_put_off=True)


def _commit(
    cursor: JournalCursor,
    entries: Sequence[Entry],
    drained: Drained,
    *,
    readable: bool = True,
    is_put_off: bool = False,
) -> None:
    is_stored = readable and not is_put_off
    arrivals = [Arrival(entry.appended_at, stream.unpack(entry.data)) for entry in entries if is_stored]
    skipped = 0 if readable else len(entries)
    position = entries[-1].id
    with transaction.atomic():
        if not JournalCursor.objects.advance(cursor, position, stored=len(arrivals), set_aside=skipped):
            raise LostRaceError
        minutes = rows.store(arrivals)
    cursor.position = position
    for arrival in arrivals:
        drained.heard.entry(arrival.at)
    drained.batches += len(arrivals)
    drained.minutes += minutes
    drained.set_aside += skipped
    drained.put_off += len(entries) if is_put_off else 0
