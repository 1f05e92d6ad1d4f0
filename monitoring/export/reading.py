"""Rows in order of time, read by many short queries: none of them keeps a snapshot or a cursor open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

READ = 2_000
"""Rows of one query."""
CHUNK = 256
"""Rows that are worked on together: few enough for the processor's caches, and enough that the loops are in C."""

Raw = tuple[Any, ...]
"""Stored fields of one row, the first of them the moment by which the rows are in order."""
Rest = Callable[[Any], "QuerySet[Any]"]
"""Gives the rows behind a moment, all rows behind None, in order."""

_MOMENT = itemgetter(0)


def read(rest: Rest, fields: Sequence[str], after: Any = None) -> Iterator[list[Raw]]:
    """These fields of the rows, about READ at a time; rows of one moment are never parted."""
    wanted = READ
    while True:
        found = list(rest(after).values_list(*fields)[:wanted])
        if len(found) < wanted:
            if found:
                yield found
            return
        whole = found[: bisect_left(found, found[-1][0], key=_MOMENT)]
        if whole:
            yield whole
            after, wanted = whole[-1][0], READ
        else:
            wanted *= 2


def evenly(parts: Iterable[list[Raw]]) -> Iterator[list[Raw]]:
    """The same rows in as many whole moments at a time as make CHUNK rows at most, but at least one moment."""
    ready: list[Raw] = []
    for rows in parts:
        ready += rows
        while len(ready) > CHUNK:
            cut = bisect_left(ready, ready[CHUNK][0], key=_MOMENT) or bisect_right(ready, ready[0][0], key=_MOMENT)
            yield ready[:cut]
            del ready[:cut]
    if ready:
        yield ready
