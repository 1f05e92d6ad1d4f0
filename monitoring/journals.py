"""The journals that this site's database stores: its own and, after an upgrade, the one that sites shared before."""

from __future__ import annotations

from typing import NamedTuple

from monitoring import journal
from monitoring.core.records import BEGINNING
from monitoring.journal import FORMER, Keys
from monitoring.models import JournalCursor


class Journal(NamedTuple):
    """A journal, and the id of its last stored entry."""

    keys: Keys
    position: str


def stored_here() -> list[Journal]:
    """The journals, in the order in which they must be stored. Raises SiteUnknownError or django.db.Error."""
    own = journal.keys()
    positions = JournalCursor.objects.positions([FORMER.stream, own.stream])
    former = [Journal(FORMER, positions[FORMER.stream])] if FORMER.stream in positions else []
    return [*former, Journal(own, positions.get(own.stream, BEGINNING))]
