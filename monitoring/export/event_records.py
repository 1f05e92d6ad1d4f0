"""Alerts, client sessions and markers as columns: their stored fields, and how long each lasted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from monitoring.export.found_rows import read_found
from monitoring.export.measures import Measure, percentile_columns, percentiles
from monitoring.export.reading import Raw, evenly
from monitoring.export.table import Chunk, Column, ColumnKind, Values

KINDS: dict[type[models.Field[Any, Any]], ColumnKind] = {
    models.DateTimeField: ColumnKind.MOMENT,
    models.IntegerField: ColumnKind.INTEGER,
    models.FloatField: ColumnKind.NUMBER,
    models.CharField: ColumnKind.TEXT,
    models.TextField: ColumnKind.TEXT,
}
DURATION = Column("duration_seconds", ColumnKind.NUMBER)


class EventRecords:
    """Rows that begin at one moment and end at another, in order of their beginning.

    The columns follow from the model's fields: first the two moments and the seconds between them, which are None while
    it lasts; what has no end has its moment alone. A sketch becomes its percentiles; the database's own keys and lists
    are left out, and so are the fields in `without`. `changed` has the functions that the values of some fields go
    through.
    """

    def __init__(
        self,
        rows: models.QuerySet[Any],
        *,
        begins: str,
        ends: str = "",
        without: Collection[str] = (),
        changed: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._rows = rows.order_by(begins, "pk")
        self._begins = begins
        fields = [field for field in rows.model._meta.concrete_fields if _is_shown(field, without)]
        sketches = [field.name for field in fields if isinstance(field, models.BinaryField)]
        # A duration that is also stored, so that the database can sort by it, is given with the others.
        percentiles = {column.name for name in sketches for column in percentile_columns(name)}
        left_out = {begins, ends, *percentiles}
        changes = changed or {}
        self._others = [_measure(field, changes.get(field.name)) for field in fields if field.name not in left_out]
        self._moments = [begins, ends] if ends else [begins]
        self._fields = [*self._moments, *(measure.source for measure in self._others)]
        moments = [Column(name, ColumnKind.MOMENT) for name in self._moments]
        self.columns = (
            *moments,
            *([DURATION] if ends else []),
            *(column for measure in self._others for column in measure.columns),
        )

    def count(self, after: datetime | None = None) -> int:
        return self._rest(after).count()

    def chunks(self, after: datetime | None = None) -> Iterator[Chunk]:
        for rows in evenly(read_found(self._rest(after), self._begins, self._fields)):
            yield self._chunk(rows)

    def _rest(self, after: datetime | None) -> models.QuerySet[Any]:
        return self._rows if after is None else self._rows.filter(**{f"{self._begins}__gt": after})

    def _chunk(self, rows: Sequence[Raw]) -> Chunk:
        found = list(zip(*rows, strict=True))
        moments, others = found[: len(self._moments)], found[len(self._moments) :]
        columns: list[Values] = [*moments]
        if len(moments) > 1:
            columns.append([_seconds(*both) for both in zip(*moments, strict=True)])
        for measure, values in zip(self._others, others, strict=True):
            columns += measure.compute(values)
        return Chunk(columns, last=moments[0][-1])


def _is_shown(field: models.Field[Any, Any], without: Collection[str]) -> bool:
    return not field.primary_key and not isinstance(field, models.JSONField) and field.name not in without


def _measure(field: models.Field[Any, Any], change: Callable[[Any], Any] | None) -> Measure:
    if isinstance(field, models.BooleanField):
        truth = Column(field.name, ColumnKind.INTEGER)
        return Measure(field.name, (truth,), (field.name,), lambda *columns: [list(map(int, one)) for one in columns])
    if not isinstance(field, models.BinaryField):
        kind = next(kind for known, kind in KINDS.items() if isinstance(field, known))
        column = Column(field.name, kind)
        if change is not None:
            return Measure(field.name, (column,), (field.name,), lambda values: [list(map(change, values))])
        return Measure(field.name, (column,), (field.name,), lambda *values: values)
    return Measure(field.name, percentile_columns(field.name), (field.name,), percentiles)


def _seconds(begun: datetime, ended: datetime | None) -> float | None:
    return None if ended is None else round((ended - begun).total_seconds(), 3)
