"""The columns of exported aggregates, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from monitoring.core.stats.breakdowns import VERDICTS, Breakdowns
from monitoring.core.stats.sample import ADDED, BREAKDOWNS, COUNTERS, GAUGES, OWN, SKETCHES, OwnLevel
from monitoring.core.stats.sketch import PERCENTILES, Sketch
from monitoring.core.stats.sketch_bytes import quantiles_of
from monitoring.core.verdicts import Verdict
from monitoring.export.table import Column, ColumnKind, RefusedError, Values
from monitoring.history.series import METRICS
from monitoring.models.own_levels import own_levels


@dataclass(frozen=True, slots=True)
class Measure:
    """Columns that are made together from the same stored fields; `source` is the field of a sample."""

    source: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    compute: Callable[..., Sequence[Values]]


def _counter(name: str) -> Measure:
    return Measure(name, (Column(name, ColumnKind.INTEGER),), (name,), lambda *values: values)


def _gauge(name: str) -> Measure:
    numbers = (Column(f"{name}_{part}", ColumnKind.NUMBER) for part in ("avg", "min", "max"))
    fields = tuple(f"{name}_{part}" for part in ("sum", "min", "max", "count"))
    return Measure(name, (*numbers, Column(f"{name}_count", ColumnKind.INTEGER)), fields, _gauge_columns)


def _gauge_columns(sums: Values, low: Values, high: Values, counts: Values) -> Sequence[Values]:
    averages = [total / count if count else None for total, count in zip(sums, counts, strict=True)]
    return averages, low, high, counts


def _own(name: str, *, added: bool) -> Measure:
    """A gauge of the project; whether its extremes are bounds is only a question for one that is added over nodes."""
    numbers = (Column(f"{name}_{part}", ColumnKind.NUMBER) for part in ("avg", "min", "max"))
    columns = (*numbers, Column(f"{name}_count", ColumnKind.INTEGER))
    if added:
        columns = (*columns, Column(f"{name}_extremes", ColumnKind.TEXT))
    return Measure(name, columns, (OWN,), partial(_own_columns, name, len(columns)))


def _own_columns(name: str, columns: int, rows: Sequence[Mapping[str, Sequence[float]] | None]) -> Sequence[Values]:
    gauges = [own_levels(row).get(name) or OwnLevel() for row in rows]
    low, high = ([getattr(gauge, part) if gauge.count else None for gauge in gauges] for part in ("min", "max"))
    averages, counts = [gauge.average for gauge in gauges], [gauge.count for gauge in gauges]
    extremes = ["bounds" if gauge.bounded else "measured" for gauge in gauges]
    found: list[Values] = [averages, low, high, counts, extremes]
    return found[:columns]


def _seconds_by(kind: str, names: Collection[str], prefix: str) -> Measure:
    """Counts of one kind, each name in a column of its own."""
    columns = tuple(Column(f"{prefix}_{name}_seconds", ColumnKind.INTEGER) for name in names)
    return Measure(kind, columns, (BREAKDOWNS,), partial(_counts_by, kind, names))


def _counts_by(kind: str, names: Collection[str], rows: Sequence[Breakdowns | None]) -> Sequence[Values]:
    """None where nothing of the kind was counted at all, as in rows of older releases."""
    counted = [(row or {}).get(kind) for row in rows]
    return [[None if counts is None else counts.get(name, 0) for counts in counted] for name in names]


def _distribution(field: str) -> Measure:
    return Measure(field, percentile_columns(field), (field,), percentiles)


def percentile_columns(sketch: str) -> tuple[Column, ...]:
    """The columns that a stored sketch of milliseconds becomes."""
    name = sketch.removesuffix("_sketch")
    return tuple(Column(f"{name}_{part}_ms", ColumnKind.NUMBER) for part in PERCENTILES)


def percentiles(sketches: Sequence[Sketch | bytes]) -> Sequence[Values]:
    """The columns of PERCENTILES, from encoded sketches or from sketches that were merged meanwhile."""
    shares = tuple(PERCENTILES.values())
    found = [
        quantiles_of(sketch, *shares) if isinstance(sketch, bytes) else sketch.quantiles(*shares) for sketch in sketches
    ]
    return [list(map(_rounded, values)) for values in zip(*found, strict=True)]


@cache
def _rounded(value: float | None) -> float | None:
    """Rounded to six digits; a percentile is one of a few hundred values, because a sketch has no more bins."""
    return None if value is None else float(f"{value:.6g}")


SOURCES: dict[str, Collection[str]] = {
    **{name: metric.fields for name, metric in METRICS.items()},
    **{name: [name] for name in (*COUNTERS, *GAUGES) if name not in METRICS},
    VERDICTS: [VERDICTS],
}
"""The names a person may choose, and the fields of a sample behind them: a chart's metric, any one field, or a kind of
counts."""

MEASURES = (
    *map(_counter, COUNTERS),
    *map(_gauge, GAUGES),
    *map(_distribution, SKETCHES),
    _seconds_by(VERDICTS, [verdict.value for verdict in Verdict], "verdict"),
)
ON_REQUEST = frozenset({"journal_lag_seconds", "store_lag_seconds"})
"""What is about the monitor, not about what it watches: reading these columns would slow every export down."""

EXTREMES = Measure(
    "bounded",
    (Column("extremes", ColumnKind.TEXT),),
    ("bounded",),
    lambda bounded: [["bounds" if one else "measured" for one in bounded]],
)
"""Whether the lowest and highest of additive values were measured; it comes with any of these."""


def chosen(metrics: Collection[str] | None, own: Mapping[str, bool] | None = None) -> list[Measure]:
    """The measures with these names in their usual order, or all of them but those about the monitor itself.

    `own` are the gauges of the project, and whether each is added over nodes. Raises RefusedError for an unknown name.
    """
    own = own or {}
    measures = [*MEASURES, *(_own(name, added=added) for name, added in own.items())]
    if metrics is None:
        return [*(measure for measure in measures if measure.source not in ON_REQUEST), EXTREMES]
    for name in metrics:
        if name not in SOURCES and name not in own:
            raise RefusedError(f"metric {name}: must be one of {', '.join((*SOURCES, *own))}")
    wanted = {source for name in metrics for source in SOURCES.get(name, [name])}
    return [measure for measure in measures if measure.source in wanted] + ([EXTREMES] if wanted & {*ADDED} else [])
