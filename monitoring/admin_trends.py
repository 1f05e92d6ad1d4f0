"""The small charts above the admin's list of minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from monitoring.admin_filters import PeriodFilter
from monitoring.history import Series, series

TREND_METRICS = ("connections", "messages_per_second", "cpu_percent")
TREND_POINTS = 300


def trends(filters: Iterable[object]) -> list[dict[str, Any]]:
    """The small charts of the period that the list shows; none for any time."""
    found = next((spec.range(timezone.now()) for spec in filters if isinstance(spec, PeriodFilter)), None)
    return [_chart(metric, *found) for metric in TREND_METRICS] if found else []


def _chart(metric: str, start: datetime, end: datetime) -> dict[str, Any]:
    line = series(metric, start, end, points=TREND_POINTS)
    return {
        "label": line.label,
        "summary": _summary(line),
        "times": line.times,
        "average": line.average,
        "minimum": line.minimum,
        "maximum": line.maximum,
    }


def _summary(line: Series) -> str:
    known = [value for value in line.average if value is not None]
    if not known:
        return "nothing measured"
    highest = max(value for value in line.maximum if value is not None)
    bound = "≤ " if any(line.bounded) else ""
    return f"⌀ {_short(sum(known) / len(known))}{line.unit}, max {bound}{_short(highest)}{line.unit}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
