"""The charts of departures by cause and of verdicts, in the form that the browser draws as stacked bars."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.cause_texts import cause_color, cause_meaning, cause_text
from dashboard.languages import gettext
from dashboard.periods import Period
from dashboard.verdict_texts import in_order, verdict_color, verdict_meaning, verdict_text
from monitoring.core.stats.breakdowns import DEPARTURES, VERDICTS
from monitoring.history.breakdown_series import BreakdownSeries, breakdown_series
from monitoring.moments import stamp

BARS = 90
"""A bar needs eight pixels."""

PERCENT = 100.0


def departures_chart(period: Period) -> dict[str, Any] | None:
    """Departures of the period; None if nobody left. Times are UTC epoch seconds.

    Each series has the address of the sessions behind it, to which a bar adds its time.
    """
    found = breakdown_series(DEPARTURES, period.start, period.end, nodes=period.nodes, points=BARS)
    if not any(found.totals.values()):
        return None
    return _stacked(found, "departures", gettext("Departures by cause")) | {
        "series": [
            {
                "name": cause,
                "label": cause_text(cause),
                "title": cause_meaning(cause),
                "color": cause_color(cause),
                "counts": counts,
                "total": found.totals[cause],
                "url": _sessions_url(period, cause),
            }
            for cause, counts in found.counts.items()
        ]
    }


def verdicts_chart(period: Period) -> dict[str, Any] | None:
    """Shares in percent of client-seconds, in each bar and over the period; None if no client was judged."""
    found = breakdown_series(VERDICTS, period.start, period.end, nodes=period.nodes, points=BARS)
    whole = sum(found.totals.values())
    if not whole:
        return None
    heights = [sum(count or 0 for count in bar) for bar in zip(*found.counts.values(), strict=True)]
    return _stacked(found, "verdicts", gettext("Clients by verdict")) | {
        "unit": "%",
        "note": gettext("%(percent)s of the clients' time") % {"percent": "%"},
        "series": [
            {
                "name": verdict,
                "label": verdict_text(verdict),
                "title": verdict_meaning(verdict),
                "color": verdict_color(verdict),
                "counts": [_share(count, height) for count, height in zip(found.counts[verdict], heights, strict=True)],
                "total": _share(found.totals[verdict], whole),
                "url": "",
            }
            for verdict in in_order(list(found.counts))
        ],
    }


def _stacked(found: BreakdownSeries, key: str, title: str) -> dict[str, Any]:
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


def _sessions_url(period: Period, cause: str) -> str:
    """The sessions that ended in the period for this cause."""
    page = reverse("avatar_monitoring:sessions")
    node = {"node": period.node} if period.node else {}
    return (
        f"{page}?{urlencode({'cause': cause, 'from': stamp(period.start), 'to': stamp(period.end), **node}, safe=':')}"
    )


def _share(count: int | None, whole: int) -> float | None:
    """None where nothing was measured; 0 where nobody was there."""
    return None if count is None else round(PERCENT * count / whole, 2) if whole else 0.0
