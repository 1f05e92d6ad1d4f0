"""The chart of departures by cause, in the form that the browser draws as stacked bars."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.cause_texts import cause_color, cause_meaning, cause_text
from dashboard.periods import Period, stamp
from monitoring.core.stats.breakdowns import DEPARTURES
from monitoring.history.breakdown_series import BreakdownSeries, breakdown_series

BARS = 90
"""A bar needs eight pixels."""


def departures_chart(period: Period) -> dict[str, Any] | None:
    """Departures of the period; None if nobody left. Times are UTC epoch seconds.

    Each series has the address of the sessions behind it, to which a bar adds its time.
    """
    found = breakdown_series(DEPARTURES, period.start, period.end, nodes=period.nodes, points=BARS)
    if not any(found.totals.values()):
        return None
    return stacked(found, "departures", "Departures by cause") | {
        "series": [
            {
                "name": cause,
                "label": cause_text(cause),
                "title": cause_meaning(cause),
                "color": cause_color(cause),
                "counts": counts,
                "total": found.totals[cause],
                "url": sessions_url(period, cause),
            }
            for cause, counts in found.counts.items()
        ]
    }


def stacked(found: BreakdownSeries, key: str, title: str) -> dict[str, Any]:
    """What a chart of stacked bars needs besides its series."""
    return {
        "key": key,
        "title": title,
        "times": found.times,
        "coverage": found.coverage,
        "bucket_seconds": found.bucket_seconds,
        "start": found.start,
        "end": found.end,
    }


def sessions_url(period: Period, cause: str) -> str:
    """The sessions that ended in the period for this cause."""
    page = reverse("avatar_monitoring:sessions")
    node = {"node": period.node} if period.node else {}
    return (
        f"{page}?{urlencode({'cause': cause, 'from': stamp(period.start), 'to': stamp(period.end), **node}, safe=':')}"
    )
