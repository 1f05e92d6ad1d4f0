"""How the minutes of many nodes become one line: folded in SQL that SQLite and PostgreSQL understand alike.

Minute by minute, each unit (a node, or a host whose nodes all report the same) becomes one value, the units become the
fleet, and the fleet's minutes become buckets. Only buckets reach Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Expression, F, FloatField, Max, Min, Sum
from django.db.models.functions import Cast, NullIf

from monitoring.models.minute import MinuteQuerySet


class Fold(StrEnum):
    """How the units of one minute become the fleet's value."""

    TOTAL = "total"
    """They are added: clients, messages, bytes."""
    MEAN = "mean"
    """They are averaged, each as long as it was measured; the extremes are those of any of them."""
    POOLED = "pooled"
    """Each reading counts once, whichever unit it is from."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a metric is stored: a gauge's columns, or a counter's that is divided by the seconds measured."""

    column: str
    unit: str
    fold: Fold
    is_counter: bool = False

    def expressions(self) -> dict[str, Expression]:
        """What one unit's minute says: the readings' sum, their number, the lowest and the highest."""
        if self.is_counter:
            total, count = _number(Sum(self.column)), _number(Sum("coverage"))
            rate = total / NullIf(count, 0.0)
            return {"total": total, "readings": count, "low": rate, "high": rate}
        return {
            "total": _number(Sum(f"{self.column}_sum")),
            "readings": _number(Sum(f"{self.column}_count")),
            "low": Min(f"{self.column}_min"),
            "high": Max(f"{self.column}_max"),
        }


@dataclass(frozen=True, slots=True)
class Bucket:
    """The fleet in one stretch of time; `busiest` are the seconds that its nodes measured in the fullest minute."""

    start: int
    average: float | None = None
    low: float | None = None
    high: float | None = None
    measured: float = 0.0
    busiest: float = 0.0


# A restart leaves two nodes with part of a minute each. Weighted by their seconds they are one node, not two.
_SECONDS = "CASE WHEN SUM(seconds) < 60 THEN SUM(seconds) ELSE 60.0 END"

_FLEET = {
    Fold.TOTAL: f"""
        SUM(total / readings * seconds) AS total,
        {_SECONDS} AS weight,
        SUM(low * seconds) / ({_SECONDS}) AS low,
        SUM(high * seconds) / ({_SECONDS}) AS high""",
    Fold.MEAN: """
        SUM(total / readings * seconds) AS total,
        SUM(seconds) AS weight,
        MIN(low) AS low,
        MAX(high) AS high""",
    Fold.POOLED: """
        SUM(total) AS total,
        SUM(readings) AS weight,
        MIN(low) AS low,
        MAX(high) AS high""",
}

_QUERY = """
WITH units AS ({units}),
known AS (
    SELECT epoch, total, low, high, measured,
        CASE WHEN readings > 0 AND measured > 0 THEN readings END AS readings,
        CASE WHEN readings > 0 AND measured > 0 THEN CASE WHEN measured < 60 THEN measured ELSE 60.0 END END AS seconds
    FROM units
),
fleet AS (SELECT epoch, SUM(measured) AS measured, {fleet} FROM known GROUP BY epoch)
SELECT epoch - epoch %% %s AS bucket, SUM(total) / SUM(weight), MIN(low), MAX(high), SUM(measured), MAX(measured)
FROM fleet GROUP BY bucket ORDER BY bucket
"""


def buckets(minutes: MinuteQuerySet, source: Source, width: int) -> Iterator[Bucket]:
    """The fleet's buckets of `width` seconds, a multiple of 60, that have minutes; in order."""
    units = (
        minutes.order_by()
        .values("epoch", source.unit)
        .annotate(**source.expressions(), measured=_number(Sum(F("coverage"))))
    )
    sql, parameters = units.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.format(units=sql, fleet=_FLEET[source.fold]), (*parameters, width))
        for row in cursor.fetchall():
            yield Bucket(*row)


def _number(expression: Expression) -> Cast:
    # PostgreSQL adds whole numbers to a decimal, which neither divides nor encodes like the rest.
    return Cast(expression, FloatField())
