"""Minutes, hours and days as columns: counters as they are, gauges as average and bounds, sketches as percentiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import add, itemgetter
from typing import Any

from monitoring.columns import timestamp
from monitoring.core.stats.breakdowns import added
from monitoring.core.stats.sample import BREAKDOWNS, OWN, SKETCHES, OwnLevel
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import is_foreign
from monitoring.export.found_rows import read_found
from monitoring.export.measures import chosen
from monitoring.export.reading import Raw, evenly, read
from monitoring.export.table import Chunk, Column, ColumnKind, RefusedError, Values
from monitoring.models.aggregate import AggregateQuerySet
from monitoring.models.own_levels import own_levels, stored_levels

ORDER = ("epoch", "node", "boot")
KEYS = (*ORDER, "host", "coverage")
KEY_COLUMNS = (
    Column("node", ColumnKind.TEXT),
    Column("boot", ColumnKind.TEXT),
    Column("host", ColumnKind.TEXT),
    Column("coverage_seconds", ColumnKind.NUMBER),
)
Merge = Callable[[Sequence[Any]], Any]
IDENTITY = ("node", "boot", "host")


class Aggregates:
    """Rows of one tier that begin in a range; with a width, in seconds, merged into buckets of that width.

    `metrics` are names from `measures.SOURCES` and of `own`, all of them by default. `own` are gauges of the project,
    and whether each is added over nodes. `of_several` says that `rows` are those of some nodes by name. Raises
    RefusedError for an unknown name, and for a width that is not a multiple of the tier's own.
    """

    def __init__(
        self,
        rows: AggregateQuerySet[Any],
        start: datetime,
        end: datetime,
        *,
        metrics: Collection[str] | None = None,
        width: int | None = None,
        own: Mapping[str, bool] | None = None,
        of_several: bool = False,
    ) -> None:
        self._seconds, time = rows.model.SECONDS, rows.model.TIME_FIELD
        self._rows, self._start, self._end = rows.order_by(time), start, end
        self._time, self._of_several = time, of_several
        self._width = _checked_width(width or self._seconds, self._seconds)
        self._measures = chosen(metrics, own)
        self._fields = [*KEYS, *dict.fromkeys(field for measure in self._measures for field in measure.fields)]
        name = time if self._width == self._seconds else "bucket"
        made = (column for measure in self._measures for column in measure.columns)
        self.columns = (Column(name, ColumnKind.STRETCH), *KEY_COLUMNS, *made)

    def count(self, after: datetime | None = None) -> int:
        return self._rest(self._last_stretch(after)).count()

    def chunks(self, after: datetime | None = None) -> Iterator[Chunk]:
        found = self._read(self._last_stretch(after))
        if self._width != self._seconds:
            found = regrouped(found, self._fields, self._width)
        for rows in evenly(found):
            # Not sorted by the database, which sorts whole rows, and texts by its locale.
            yield self._chunk(sorted(rows, key=itemgetter(*range(len(ORDER)))))

    def _read(self, after: int | None) -> Iterator[list[Raw]]:
        # All rows, one node's and the fleet's have an index in order of time; those of several nodes have none.
        if self._of_several:
            return read_found(self._rest(after), self._time, self._fields)
        return read(self._rest, self._fields, after)

    def _last_stretch(self, after: datetime | None) -> int | None:
        """The start of the last of the tier's rows within one bucket, UTC epoch seconds."""
        return None if after is None else int(after.timestamp()) + self._width - self._seconds

    def _rest(self, after: int | None) -> AggregateQuerySet[Any]:
        # A second lower bound beside the first would not help: SQLite searches by the first, and scans from there.
        return self._rows.between(self._start if after is None else timestamp(after + self._seconds), self._end)

    def _chunk(self, rows: Sequence[Raw]) -> Chunk:
        stored = dict(zip(self._fields, zip(*rows, strict=True), strict=True))
        starts = {epoch: timestamp(epoch) for epoch in set(stored["epoch"])}
        # Sums of seconds that were measured to the millisecond.
        stored["coverage"] = tuple(round(seconds, 3) for seconds in stored["coverage"])
        columns: list[Values] = [[starts[epoch] for epoch in stored["epoch"]], *(stored[key] for key in KEYS[1:])]
        for measure in self._measures:
            columns += measure.compute(*(stored[field] for field in measure.fields))
        return Chunk(columns, last=starts[rows[-1][0]])


def _checked_width(width: int, seconds: int) -> int:
    if width % seconds:
        raise RefusedError(f"bucket of {width} s: must be a multiple of the resolution, {seconds} s")
    return width


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
    if field == OWN:
        return _merged_own
    if field == BREAKDOWNS:
        return lambda values: added(value for value in values if value)
    if field == "bounded":
        return any
    if field.endswith("_min"):
        return lambda values: min((value for value in values if value is not None), default=None)
    if field.endswith("_max"):
        return lambda values: max((value for value in values if value is not None), default=None)
    return _added


def _merged_own(values: Sequence[Mapping[str, Sequence[float]] | None]) -> dict[str, Sequence[float]]:
    sums: dict[str, OwnLevel] = {}
    for value in values:
        for name, gauge in own_levels(value).items():
            sums[name] = sums[name] + gauge if name in sums else gauge
    return stored_levels(sums)


def _added(values: Sequence[Any]) -> Any:
    """From left to right: sum() rounds otherwise since Python 3.12, and would depend on where an export was resumed."""
    return reduce(add, values)


def _merged_sketch(values: Sequence[Sketch | bytes]) -> Sketch | bytes:
    """If one of them is in another release's format, its percentiles are unknown, and so are those of all together."""
    foreign = next((value for value in values if not isinstance(value, Sketch) and is_foreign(bytes(value))), None)
    if foreign is not None:
        return bytes(foreign)
    total = Sketch()
    for value in values:
        total.merge(value if isinstance(value, Sketch) else Sketch.decode(bytes(value)))
    return total
