"""Reads rows in order of time with many short queries: none of them keeps a snapshot or a cursor open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

READ = 2_000
"""Rows of one query."""
CHUNK = 256
"""Rows that are processed together: few enough for the processor's caches, and enough that the loops run in C."""

Raw = tuple[Any, ...]
"""The stored fields of one row; the first is the moment by which rows are ordered."""
Rest = Callable[[Any], "QuerySet[Any]"]
"""Returns the rows after a moment, or all rows for None, in order."""

_MOMENT = itemgetter(0)


def read(rest: Rest, fields: Sequence[str], after: Any = None) -> Iterator[list[Raw]]:
    """These fields of the rows, about READ at a time; rows of one moment are never split."""
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
    """The same rows in chunks of whole moments, at most CHUNK rows but at least one moment each."""
    ready: list[Raw] = []
    for rows in parts:
        ready += rows
        while len(ready) > CHUNK:
            cut = bisect_left(ready, ready[CHUNK][0], key=_MOMENT) or bisect_right(ready, ready[0][0], key=_MOMENT)
            yield ready[:cut]
            del ready[:cut]
    if ready:
        yield ready
