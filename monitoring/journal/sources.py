"""The journals that this site's database stores: its own and, after an upgrade, the one that sites shared before."""

from __future__ import annotations

from typing import NamedTuple

from monitoring.core.records import BEGINNING
from monitoring.journal import stream
from monitoring.journal.stream import FORMER, Keys
from monitoring.models import JournalCursor


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
