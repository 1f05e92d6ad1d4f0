"""Reads the rows that any filter finds, in order of time: first their keys, then the rows, a part at a time.

A filter has an index of its own, which finds rows in another order than that of time. With queries like those of
`reading.read` the database would find and sort all of them again for each part. Their keys are found and sorted a few
times at most: for FIRST rows, so that a file begins soon, then for four times as many, and so on.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Model, Q, QuerySet

from monitoring.export.reading import Raw

FIRST, GROWTH = 2_000, 4
MOST = 2_000_000
"""Keys that are found and held at once, 8 bytes each."""
LOOKED_UP = 500
"""Rows of one query; SQLite before 3.32 takes no more than 999 parameters."""

_MOMENT = itemgetter(0)


def read_found(rows: QuerySet[Any], begins: str, fields: Sequence[str]) -> Iterator[list[Raw]]:
    """These fields, the first of which is a moment, of all the rows in order of `begins`; rows of one moment are never
    split.

    A row is read as it is by then, even if the filter would no longer find it; one that is gone by then is left out.
    """
    ready: list[Raw] = []
    for keys in _keys(rows, begins):
        for at in range(0, len(keys), LOOKED_UP):
            ready += _looked_up(rows, keys[at : at + LOOKED_UP], fields)
            whole = bisect_left(ready, ready[-1][0], key=_MOMENT) if ready else 0
            if whole:
                yield ready[:whole]
                del ready[:whole]
    if ready:
        yield ready


def _keys(rows: QuerySet[Any], begins: str) -> Iterator[array[int]]:
    """The primary keys in order of time, more of them each time."""
    ordered = rest = rows.order_by(begins, "pk").values_list("pk", begins)
    wanted = FIRST
    while True:
        keys: array[int] = array("q")
        last = None
        for key, last in rest[:wanted].iterator(chunk_size=FIRST):  # noqa: B007
            keys.append(key)
        yield keys
        if len(keys) < wanted:
            return
        following = Q(**{f"{begins}__gt": last}) | Q(**{begins: last, "pk__gt": keys[-1]})
        rest = ordered.filter(following, **{f"{begins}__gte": last})
        wanted = min(wanted * GROWTH, MOST)


def _looked_up(rows: QuerySet[Any], keys: Sequence[int], fields: Sequence[str]) -> list[Raw]:
    # Without the filter: the database might look for these rows in its index again.
    model: type[Model] = rows.model
    found = model._base_manager.using(rows.db).filter(pk__in=keys).values_list(*fields, "pk")
    by_key = {row[-1]: row[:-1] for row in found}
    return sorted((by_key[key] for key in keys if key in by_key), key=_MOMENT)
