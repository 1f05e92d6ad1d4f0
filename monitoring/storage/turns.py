"""Long jobs let other writers in between their transactions.

SQLite has one writer at a time and no queue: who waits looks again, at last every 100 ms (`sqliteDefaultBusyCallback`
in its main.c). A job that begins its next transaction at once is nearly always first, and the others fail after their
timeout: database is locked.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db import connections, router

from monitoring.models import JournalCursor

GAP_SECONDS = 0.11
"""A little longer than SQLite's longest wait: everybody who waits looks once."""

Part = TypeVar("Part")


def in_turns(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts of a job, each of which is a transaction; if the history is in SQLite, with a gap between two."""
    has_queue = connections[router.db_for_write(JournalCursor)].vendor != "sqlite"
    for number, part in enumerate(parts):
        if number and not has_queue:
            time.sleep(GAP_SECONDS)
        yield part
