"""The journals that this site's database stores, and what nodes have reported in them that is not stored yet."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import redis

from monitoring import conf, redis_connections
from monitoring.core.records import (
    BEGINNING,
    FIRST_VERSION,
    VERSION,
    AlertRecord,
    Batch,
    BatchStamp,
    ClockJump,
    SessionRecord,
    check_version,
)
from monitoring.core.wire.other_formats import OtherFormatError
from monitoring.journal import stream
from monitoring.journal.stream import FORMER, Keys
from monitoring.models import JournalCursor

logger = logging.getLogger(__name__)

MOST_ENTRIES = 2_000
"""Forty minutes of four nodes. If storing is further behind, only this many are examined."""


class StoredJournal(NamedTuple):
    """A journal, and the id of its last stored entry."""

    keys: Keys
    position: str


def stored_here() -> list[StoredJournal]:
    """The journals, in the order in which they must be stored. Raises SiteUnknownError or django.db.Error."""
    own = stream.keys()
    positions = JournalCursor.objects.positions([FORMER.stream, own.stream])
    former = [StoredJournal(FORMER, positions[FORMER.stream])] if FORMER.stream in positions else []
    return [*former, StoredJournal(own, positions.get(own.stream, BEGINNING))]


class WithoutSamples(msgspec.Struct):
    """A batch without its samples, which take most of the time to read."""

    node: str
    boot: str
    host: str
    seq: int
    sessions: list[SessionRecord] = []
    alerts: list[AlertRecord] = []
    jumps: list[ClockJump] = []
    version: int = FIRST_VERSION


@dataclass(slots=True)
class Unstored:
    """The batches that wait, oldest first; `complete` is False if these may not be all.

    `heard` is when each boot that has a batch among all that wait appended its last one, UTC epoch seconds.
    """

    batches: list[Batch] = field(default_factory=list)
    complete: bool = True
    heard: dict[str, float] = field(default_factory=dict)


def unstored() -> Unstored:
    """Reads what follows the stored part of the journal. Without Redis that is nothing, and not complete."""
    redis_url = conf.current().redis_url
    if not redis_url:
        return Unstored()
    entries: list[stream.Entry] = []
    journals = stored_here()
    try:
        with redis_connections.connect(redis_url) as client:
            for keys, position in journals:
                if len(entries) < MOST_ENTRIES:
                    position = stream.resume_from(client, position, keys)
                    entries += stream.read_after(client, position, MOST_ENTRIES - len(entries), keys)
    except redis.RedisError as error:
        logger.warning("Cannot read the journal: %s", type(error).__name__)
        return Unstored(complete=False)
    told = list(_told(entries))
    known = [(at, one) for at, one in told if isinstance(one, WithoutSamples) and one.version == VERSION]
    is_complete = len(entries) < MOST_ENTRIES and len(known) == len(told)
    heard = {one.boot: at for at, one in known}
    return Unstored(list(_batches([one for _, one in known])), complete=is_complete, heard=heard)


def _told(entries: list[stream.Entry]) -> Iterator[tuple[float, WithoutSamples | OtherFormatError]]:
    """When each entry was appended, and what it reports, or that another release wrote it.

    The drain logs and sets aside anything else.
    """
    for entry in entries:
        with suppress(ValueError, RecursionError):
            data = stream.inflated(entry.data)
            try:
                yield entry.appended_at, _decode(data)
            except msgspec.ValidationError:
                try:
                    check_version(_decode_stamp(data))
                except OtherFormatError as error:
                    yield entry.appended_at, error


def _batches(known: list[WithoutSamples]) -> Iterator[Batch]:
    for told in known:
        if told.sessions or told.alerts or told.jumps:
            yield Batch(told.node, told.boot, told.host, told.seq, [], told.sessions, told.alerts, told.jumps)


_decode = msgspec.msgpack.Decoder(WithoutSamples).decode
_decode_stamp = msgspec.msgpack.Decoder(BatchStamp).decode
