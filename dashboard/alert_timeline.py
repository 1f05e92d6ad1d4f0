"""When alerts fired over a period, as one bar of regions for each rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse

from dashboard.alert_texts import headline, label_of
from monitoring.history.alert_search import AlertSearch
from monitoring.models import Alert

WIDTH = 1_000
NARROWEST = 3
MOST_REGIONS = 600
USUAL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Region:
    """One episode within the bar, in thousandths of the period."""

    x: int
    width: int
    severity: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    count: int
    regions: list[Region]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars of a period, the rule with the most episodes first; `is_whole` if none was left out."""

    start: datetime
    end: datetime
    bars: list[Bar]
    is_whole: bool


def timeline_of(search: AlertSearch, now: datetime) -> Timeline | None:
    """The episodes that match, over the search's period, by default the last 24 hours; None without any."""
    start = search.start or (search.end or now) - USUAL
    end = min(search.end or now, now)
    if start >= end:
        return None
    rows = list(replace(search, start=start, end=end, range_name="").episodes()[: MOST_REGIONS + 1])
    by_rule: defaultdict[str, list[Alert]] = defaultdict(list)
    for row in rows[:MOST_REGIONS]:
        by_rule[row.rule or row.metric].append(row)
    bars = [_bar(rule, found, start, end) for rule, found in by_rule.items()]
    bars.sort(key=lambda bar: -bar.count)
    return Timeline(start, end, bars, len(rows) <= MOST_REGIONS) if bars else None


def _bar(rule: str, rows: list[Alert], start: datetime, end: datetime) -> Bar:
    regions = [_region(row, start, end) for row in reversed(rows)]
    return Bar(label_of(rule, rows[0].metric), len(rows), regions)


def _region(alert: Alert, start: datetime, end: datetime) -> Region:
    whole = end - start
    until = min(alert.ended_at or alert.known_until or end, end)
    first = max(0, round((alert.started_at - start) / whole * WIDTH))
    last = round((until - start) / whole * WIDTH)
    width = max(NARROWEST, last - first)
    return Region(
        x=min(first, WIDTH - width),
        width=min(width, WIDTH),
        severity=alert.severity,
        url=reverse("avatar_monitoring:alert", args=[alert.pk]),
        text=headline(alert),
    )
