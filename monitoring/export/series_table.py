"""The lines of charts as columns: one row for each bucket of each metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitoring.columns import timestamp
from monitoring.export.table import Chunk, Column, ColumnKind, Values
from monitoring.history.series import StoredSeries

COLUMNS = (
    Column("time", ColumnKind.STRETCH),
    Column("bucket_seconds", ColumnKind.INTEGER),
    Column("metric", ColumnKind.TEXT),
    Column("unit", ColumnKind.TEXT),
    *(Column(name, ColumnKind.NUMBER) for name in ("avg", "min", "max", "p50", "p95", "p99")),
    Column("count", ColumnKind.INTEGER),
    Column("coverage", ColumnKind.NUMBER),
    Column("extremes", ColumnKind.TEXT),
)
EARLIER = Column("avg_earlier", ColumnKind.NUMBER)


class SeriesTable:
    """The series one after the other; `earlier` holds the averages that each metric is compared with, if any."""

    def __init__(
        self, series: Mapping[str, StoredSeries], earlier: Mapping[str, Sequence[float | None]] | None = None
    ) -> None:
        self._series = series
        self._earlier = earlier or {}
        self.columns = (*COLUMNS, EARLIER) if earlier else COLUMNS

    def chunks(self) -> Iterator[Chunk]:
        for name, one in self._series.items():
            columns = _columns(one) + ([self._earlier[name]] if self._earlier else [])
            yield Chunk(columns, last=timestamp(one.times[-1]))


def _columns(one: StoredSeries) -> list[Values]:
    rows = len(one.times)
    percentiles = [values or [None] * rows for values in (one.p50, one.p95, one.p99)]
    return [
        [timestamp(time) for time in one.times],
        [one.bucket_seconds] * rows,
        [one.metric] * rows,
        [one.unit] * rows,
        *(one.average, one.minimum, one.maximum),
        *percentiles,
        one.count,
        one.coverage,
        ["bounds" if bounded else "measured" for bounded in one.bounded],
    ]
