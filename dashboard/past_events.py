"""What the live page fetches of what happened: alerts by chart, everything that fired for the timeline, and markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from dashboard.alert_texts import headline
from dashboard.events import alert_url
from dashboard.gates import viewer_data
from dashboard.languages import in_words
from dashboard.past import range_in
from dashboard.trend_charts import CHARTS
from monitoring.columns import timestamp
from monitoring.history.annotations import Mark, marks
from monitoring.history.own_metrics import own_metrics_between
from monitoring.models import Alert

MOST_OF_CHARTS = 300
"""Alerts whose metric has a chart. Others cannot push them out: a thousand silent clients hide no CPU alert."""

MOST_OF_OTHERS = 1_000

TOGETHER_SECONDS = 15
"""Alerts that begin this close to each other are one region of the timeline, which has about 7 s a pixel."""


@viewer_data
def past_events(request: HttpRequest) -> dict[str, Any]:
    """Alerts and markers between `from` and `to`, UTC epoch seconds; the newest if there are many."""
    since, until = map(timestamp, range_in(request.GET))
    charted = {chart.alert for chart in CHARTS if chart.alert} | set(own_metrics_between(since, until))
    found = Alert.objects.between(since, until).latest_first()
    shown = list(found.of_metrics(charted)[:MOST_OF_CHARTS])
    others = list(found.exclude(metric__in=charted)[:MOST_OF_OTHERS])
    return {
        "alerts": [_alert(one) for one in shown],
        "regions": _regions([*shown, *others]),
        "marks": [_mark(one) for one in in_words(marks, since, until)],
        "is_whole": len(shown) < MOST_OF_CHARTS and len(others) < MOST_OF_OTHERS,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"at": mark.at.timestamp(), "kind": mark.kind, "text": mark.text}


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "metric": alert.metric,
        "severity": alert.severity,
        "start": alert.started_at.timestamp(),
        "end": _seconds(alert.ended_at or alert.known_until),
        "message": headline(alert),
        "url": alert_url(alert),
    }


def _regions(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """What the timeline shows, in order: alerts of one severity that began together are one region with their count."""
    groups: list[list[Alert]] = []
    for alert in sorted(alerts, key=lambda one: (one.severity, one.started_at)):
        last = groups[-1] if groups else None
        if last and last[-1].severity == alert.severity and _seconds_between(last[0], alert) <= TOGETHER_SECONDS:
            last.append(alert)
        else:
            groups.append([alert])
    return sorted((_region(group) for group in groups), key=lambda region: float(region["start"]))


def _region(group: Sequence[Alert]) -> dict[str, Any]:
    ends = [alert.ended_at or alert.known_until for alert in group]
    return {
        "severity": group[0].severity,
        "start": group[0].started_at.timestamp(),
        "end": None if None in ends else _seconds(max(end for end in ends if end)),
        "count": len(group),
        "message": headline(group[0]),
    }


def _seconds_between(one: Alert, later: Alert) -> float:
    return (later.started_at - one.started_at).total_seconds()


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
