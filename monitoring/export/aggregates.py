"""Minutes, hours and days as columns: counters as they are, gauges as average and bounds, sketches as percentiles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from monitoring.columns import timestamp
from monitoring.export.measures import chosen
from monitoring.export.reading import Raw, evenly, read
from monitoring.export.regrouping import regrouped
from monitoring.export.table import Chunk, Column, ColumnKind, RefusedError, Values
from monitoring.models.aggregate import AggregateQuerySet

ORDER = ("epoch", "node", "boot")
KEYS = (*ORDER, "host", "coverage")
KEY_COLUMNS = (
    Column("node", ColumnKind.TEXT),
    Column("boot", ColumnKind.TEXT),
    Column("host", ColumnKind.TEXT),
    Column("coverage_seconds", ColumnKind.NUMBER),
)


class Aggregates:
    """Rows of one tier that begin in a range; with a width, in seconds, merged into buckets of that width.

    `metrics` are names from `measures.SOURCES`, all of them by default. Raises RefusedError for an unknown name, and
    for a width that is not a multiple of the tier's own.
    """

    def __init__(
        self,
        rows: AggregateQuerySet[Any],
        start: datetime,
        end: datetime,
        *,
        metrics: Collection[str] | None = None,
        width: int | None = None,
    ) -> None:
        self._seconds, time = rows.model.SECONDS, rows.model.TIME_FIELD
        self._rows, self._start, self._end = rows.order_by(time), start, end
        self._width = _checked_width(width or self._seconds, self._seconds)
        self._measures = chosen(metrics)
        self._fields = [*KEYS, *dict.fromkeys(field for measure in self._measures for field in measure.fields)]
        name = time if self._width == self._seconds else "bucket"
        made = (column for measure in self._measures for column in measure.columns)
        self.columns = (Column(name, ColumnKind.STRETCH), *KEY_COLUMNS, *made)

    def count(self, after: datetime | None = None) -> int:
        return self._rest(self._last_stretch(after)).count()

    def chunks(self, after: datetime | None = None) -> Iterator[Chunk]:
        found = read(self._rest, self._fields, self._last_stretch(after))
        if self._width != self._seconds:
            found = regrouped(found, self._fields, self._width)
        for rows in evenly(found):
            # Not sorted by the database, which sorts whole rows, and texts by its locale.
            yield self._chunk(sorted(rows, key=itemgetter(*range(len(ORDER)))))

    def _last_stretch(self, after: datetime | None) -> int | None:
        """The start of the last of the tier's rows within one bucket, UTC epoch seconds."""
        return None if after is None else int(after.timestamp()) + self._width - self._seconds

    def _rest(self, after: int | None) -> AggregateQuerySet[Any]:
        # A second lower bound beside the first would not help: SQLite searches by the first, and scans from there.
        return self._rows.between(self._start if after is None else timestamp(after + self._seconds), self._end)

    def _chunk(self, rows: Sequence[Raw]) -> Chunk:
        stored = dict(zip(self._fields, zip(*rows, strict=True), strict=True))
        starts = {epoch: timestamp(epoch) for epoch in set(stored["epoch"])}
        columns: list[Values] = [[starts[epoch] for epoch in stored["epoch"]], *(stored[key] for key in KEYS[1:])]
        for measure in self._measures:
            columns += measure.compute(*(stored[field] for field in measure.fields))
        return Chunk(columns, last=starts[rows[-1][0]])


def _checked_width(width: int, seconds: int) -> int:
    if width % seconds:
        raise RefusedError(f"bucket of {width} s: must be a multiple of the resolution, {seconds} s")
    return width
