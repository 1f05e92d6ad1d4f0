"""The chart of verdicts: the share of the clients' time with each, as stacked bars."""

from __future__ import annotations

from typing import Any

from dashboard.departures_chart import BARS, stacked
from dashboard.periods import Period
from dashboard.verdict_texts import in_order, verdict_color, verdict_meaning, verdict_text
from monitoring.core.stats.breakdowns import VERDICTS
from monitoring.history.breakdown_series import breakdown_series

PERCENT = 100.0


def verdicts_chart(period: Period) -> dict[str, Any] | None:
    """Shares in percent of client-seconds, in each bar and over the period; None if no client was judged."""
    found = breakdown_series(VERDICTS, period.start, period.end, nodes=period.nodes, points=BARS)
    whole = sum(found.totals.values())
    if not whole:
        return None
    heights = [sum(count or 0 for count in bar) for bar in zip(*found.counts.values(), strict=True)]
    return stacked(found, "verdicts", "Clients by verdict") | {
        "unit": "%",
        "note": "% of the clients' time",
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


def _share(count: int | None, whole: int) -> float | None:
    """None where nothing was measured; 0 where nobody was there."""
    return None if count is None else round(PERCENT * count / whole, 2) if whole else 0.0
