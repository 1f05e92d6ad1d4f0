"""The lines of charts as columns: one row for each bucket of each metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitoring.columns import timestamp
from monitoring.export.columns import Chunk, Column, Kind, Values
from monitoring.history import Series

COLUMNS = (
    Column("time", Kind.STRETCH),
    Column("bucket_seconds", Kind.INTEGER),
    Column("metric", Kind.TEXT),
    Column("unit", Kind.TEXT),
    *(Column(name, Kind.NUMBER) for name in ("avg", "min", "max", "p50", "p95", "p99")),
    Column("count", Kind.INTEGER),
    Column("coverage", Kind.NUMBER),
    Column("extremes", Kind.TEXT),
)
EARLIER = Column("avg_earlier", Kind.NUMBER)


class SeriesTable:
    """The series one after the other; `earlier` holds the averages that each metric is compared with, if any."""

    def __init__(
        self, series: Mapping[str, Series], earlier: Mapping[str, Sequence[float | None]] | None = None
    ) -> None:
        self._series = series
        self._earlier = earlier or {}
        self.columns = (*COLUMNS, EARLIER) if earlier else COLUMNS

    def chunks(self) -> Iterator[Chunk]:
        for name, one in self._series.items():
            columns = _columns(one) + ([self._earlier[name]] if self._earlier else [])
            yield Chunk(columns, last=timestamp(one.times[-1]))


def _columns(one: Series) -> list[Values]:
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
