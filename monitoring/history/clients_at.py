"""Finds who was connected at a moment: from stored sessions, and from those that wait in the journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from operator import attrgetter
from typing import ClassVar, NamedTuple

from monitoring.core.client_names import folded
from monitoring.core.view import View
from monitoring.journal.unstored import Unstored
from monitoring.models import ClientSession
from monitoring.models.session_queries import SortKey
from monitoring.storage.session_rows import session_row

COLUMNS: Mapping[str, str] = {
    "client_id": "client_id",
    "user": "user",
    "room": "room",
    "connected_at": "connected_at",
    "connection_duration": "connected_at",
    "disconnected_at": "disconnected_at",
    "message_count": "messages",
    "bytes_received": "bytes_received",
    "bytes_sent": "bytes_sent",
    "average_latency_ms": "latency_average_ms",
    "p95_latency_ms": "latency_p95_ms",
    "fps": "fps_average",
    "node": "node",
}
"""The keys to sort by, and the column of each."""


NAMES = ("user", "room")
"""Columns that are sorted as people sort names, whatever the case."""


class PastView(View, frozen=True, forbid_unknown_fields=True):
    """A page of the clients of a moment; it differs from that of the present in the keys to sort by only."""

    SORTS: ClassVar[Collection[str]] = tuple(COLUMNS)


class Connected(NamedTuple):
    """A page of the sessions that were open, how many match its search and how many there were in total."""

    rows: list[ClientSession]
    matched: int
    total: int


def connected_at(moment: datetime, view: PastView, waiting: Unstored) -> Connected:
    """The sessions open at the moment; those that have ended since carry their end and totals.

    Read `waiting` before calling this: what is stored in between is then in both rather than in neither.
    """
    newer = _sessions(waiting)
    column = COLUMNS[view.compared]
    stored = ClientSession.objects.open_at(moment).sort_keys(column)
    keys = [key for key in stored if key.session_id not in newer]
    keys += [row.sort_key(column) for row in newer.values() if row.was_open_at(moment)]
    keys.sort(key=attrgetter("node", "connected_at", "client_id", "session_id"))
    matching = view.found(keys)
    chosen = view.first(matching, _name if column in NAMES else attrgetter("value"))[view.offset :]
    found = ClientSession.objects.light().in_bulk([key.pk for key in chosen if key.pk is not None])
    rows = [found.get(key.pk) if key.pk is not None else newer[key.session_id] for key in chosen]
    return Connected([row for row in rows if row is not None], len(matching), len(keys))


def _name(key: SortKey) -> str | None:
    return folded(key.value) if key.value else None


def _sessions(waiting: Unstored) -> dict[str, ClientSession]:
    """Each session as its last record has it; values that fit no column are left to the code that stores them."""
    newest = {record.session_id: (batch, record) for batch in waiting.batches for record in batch.sessions}
    rows = {}
    for session_id, (batch, record) in newest.items():
        with suppress(ValueError):
            rows[session_id] = session_row(batch, record)
    return rows
