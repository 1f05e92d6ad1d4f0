"""Totals of a series over its whole range."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from monitoring.history import Series


@dataclass(frozen=True, slots=True)
class Total:
    """Figures for a whole range, None if nothing was measured; `*_at` are starts of buckets in UTC epoch seconds.

    If it is `bounded`, minimum and maximum were not measured throughout: the true values lie between them.
    """

    average: float | None
    minimum: float | None
    maximum: float | None
    maximum_at: int | None
    bounded: bool
    p95: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def total(series: Series) -> Total:
    """The average of all readings, the extremes, and when the highest occurred."""
    low = min((value for value in series.minimum if value is not None), default=None)
    high = max((value for value in series.maximum if value is not None), default=None)
    return Total(
        average=series.whole.average,
        minimum=low,
        maximum=high,
        maximum_at=None if high is None else series.times[series.maximum.index(high)],
        bounded=any(series.bounded),
        p95=series.whole.p95,
    )
