"""Finds who was connected at a moment: from stored sessions, and from those that wait in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitoring.core.inputs import echo, plain_text
from monitoring.core.view import LONGEST_SEARCH, MAX_OFFSET, MAX_ROWS, searched
from monitoring.journal.unstored import Unstored
from monitoring.models import ClientSession
from monitoring.models.session import SortKey
from monitoring.storage.rows import session_row

SORTS: Mapping[str, str] = {
    "client_id": "client_id",
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


class BadPageError(ValueError):
    """A page that cannot be shown; the text names the parameter, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows from `offset` on, sorted by a key of SORTS, descending with a leading "-"; `search` is part of an id.

    Raises BadPageError for values that are not allowed.
    """

    sort: str = "client_id"
    search: str = ""
    offset: int = 0
    limit: int = MAX_ROWS

    def __post_init__(self) -> None:
        if self.sort.removeprefix("-") not in SORTS:
            raise BadPageError(
                f"sort={echo(self.sort)}: must be one of {', '.join(SORTS)}, with or without a leading -"
            )
        try:
            plain_text(self.search, LONGEST_SEARCH)
        except ValueError as error:
            raise BadPageError(f"search={echo(self.search)}: must be {error}") from None
        if not 0 <= self.offset <= MAX_OFFSET:
            raise BadPageError(f"offset={self.offset}: must be 0 to {MAX_OFFSET}")
        if not 1 <= self.limit <= MAX_ROWS:
            raise BadPageError(f"limit={self.limit}: must be 1 to {MAX_ROWS}")

    @property
    def column(self) -> str:
        return SORTS[self.sort.removeprefix("-")]

    @property
    def descending(self) -> bool:
        # The client that connected first has been there for the longest.
        return self.sort.startswith("-") != self.sort.endswith("connection_duration")


class Connected(NamedTuple):
    """A page of the sessions that were open, how many match its search and how many there were in total."""

    rows: list[ClientSession]
    matched: int
    total: int


def connected_at(moment: datetime, page: Page, waiting: Unstored) -> Connected:
    """The sessions open at the moment; those that have ended since carry their end and totals.

    Read `waiting` before calling this: what is stored in between is then in both rather than in neither.
    """
    newer = _sessions(waiting)
    stored = ClientSession.objects.open_at(moment).sort_keys(page.column)
    keys = [key for key in stored if key.session_id not in newer]
    keys += [row.sort_key(page.column) for row in newer.values() if row.was_open_at(moment)]
    found_by = searched(page.search)
    matching = [key for key in keys if found_by(key.client_id)]
    chosen = _sorted(matching, descending=page.descending)[page.offset : page.offset + page.limit]
    found = ClientSession.objects.light().in_bulk([key.pk for key in chosen if key.pk is not None])
    rows = [found.get(key.pk) if key.pk is not None else newer[key.session_id] for key in chosen]
    return Connected([row for row in rows if row is not None], len(matching), len(keys))


def _sessions(waiting: Unstored) -> dict[str, ClientSession]:
    """Each session as its last record has it; values that fit no column are left to the code that stores them."""
    newest = {record.session_id: (batch, record) for batch in waiting.batches for record in batch.sessions}
    rows = {}
    for session_id, (batch, record) in newest.items():
        with suppress(ValueError):
            rows[session_id] = session_row(batch, record)
    return rows


def _sorted(keys: list[SortKey], *, descending: bool) -> list[SortKey]:
    """Unknown values come last in either order."""
    known = [key for key in keys if key.value is not None]
    unknown = [key for key in keys if key.value is None]
    known.sort(key=lambda key: (key.value, key.client_id, key.session_id), reverse=descending)
    return known + sorted(unknown, key=lambda key: (key.client_id, key.session_id))
