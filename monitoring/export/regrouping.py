"""Merges stored rows into wider buckets while they are read, as minutes are merged into hours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from monitoring.core.stats.sample import SKETCHES
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import is_foreign
from monitoring.export.reading import Raw

Merge = Callable[[Sequence[Any]], Any]

IDENTITY = ("node", "boot", "host")


def regrouped(chunks: Iterable[list[Raw]], fields: Sequence[str], width: int) -> Iterator[list[Raw]]:
    """The same fields of each node and boot in buckets of `width` seconds; a sketch's cell is a Sketch.

    `fields` begins with epoch, node and boot. A bucket is returned once all its rows were read, and is never split.
    """
    merges = [_merge_of(name) for name in fields[1:]]
    merged: list[Raw] = []
    for chunk in chunks:
        merged = _merged([*merged, *chunk], merges, width)
        complete = bisect_left(merged, merged[-1][0], key=itemgetter(0))
        if complete:
            yield merged[:complete]
        merged = merged[complete:]
    if merged:
        yield merged


def _merged(rows: Iterable[Raw], merges: Sequence[Merge], width: int) -> list[Raw]:
    """One row for each bucket, node and boot, in this order."""
    groups: dict[tuple[int, str, str], list[Raw]] = {}
    for row in rows:
        groups.setdefault((row[0] // width * width, row[1], row[2]), []).append(row[1:])
    return [
        (key[0], *(merge(values) for merge, values in zip(merges, zip(*groups[key], strict=True), strict=True)))
        for key in sorted(groups)
    ]


def _merge_of(field: str) -> Merge:
    if field in IDENTITY:
        return itemgetter(-1)
    if field in SKETCHES:
        return _merged_sketch
    if field == "bounded":
        return any
    if field.endswith("_min"):
        return lambda values: min((value for value in values if value is not None), default=None)
    if field.endswith("_max"):
        return lambda values: max((value for value in values if value is not None), default=None)
    return sum


def _merged_sketch(values: Sequence[Sketch | bytes]) -> Sketch | bytes:
    """If one of them is in another release's format, its percentiles are unknown, and so are those of all together."""
    foreign = next((value for value in values if not isinstance(value, Sketch) and is_foreign(bytes(value))), None)
    if foreign is not None:
        return bytes(foreign)
    total = Sketch()
    for value in values:
        total.merge(value if isinstance(value, Sketch) else Sketch.decode(bytes(value)))
    return total
