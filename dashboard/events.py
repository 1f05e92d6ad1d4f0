"""What happened in a period: alerts, deployments, node starts. Charts draw them, a table lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from dashboard.alert_texts import headline
from dashboard.languages import gettext, in_words, pgettext
from dashboard.periods import Period
from monitoring.history.annotations import Mark, marks
from monitoring.models import Alert

MOST_ALERTS = 300
LISTED = 100


@dataclass(frozen=True, slots=True)
class ChartEvent:
    """One row of the table: `kind` is `alert`, or a mark's: `deploy`, `clock`, `version` or `start`.

    Only an alert has a `url` and a duration. While an alert is not over, `until` is None, or the
    time when it was last known.
    """

    at: datetime
    kind: str
    text: str
    url: str = ""
    is_over: bool = True
    until: datetime | None = None

    @property
    def word(self) -> str:
        """What pages say for its kind."""
        words = {
            "alert": gettext("alert"),
            "deploy": gettext("deploy"),
            "clock": gettext("clock"),
            "version": pgettext("an event", "version"),
            "start": gettext("start"),
        }
        return words[self.kind]


@dataclass(frozen=True, slots=True)
class Events:
    """Everything a period's charts show besides measurements; alerts are newest first, marks in order."""

    alerts: list[Alert]
    marks: list[Mark]

    @property
    def count(self) -> int:
        return len(self.alerts) + len(self.marks)

    def rows(self) -> list[ChartEvent]:
        """The newest events, newest first."""
        rows = [ChartEvent(mark.at, mark.kind, mark.text) for mark in self.marks]
        rows += [
            ChartEvent(
                at=alert.started_at,
                kind="alert",
                text=headline(alert),
                url=alert_url(alert),
                is_over=alert.ended_at is not None,
                until=alert.ended_at or alert.known_until,
            )
            for alert in self.alerts
        ]
        return sorted(rows, key=lambda event: event.at, reverse=True)[:LISTED]


def events(period: Period, metrics: Iterable[str]) -> Events:
    """The alerts of these metrics and the marks of a period, for its node if it has one."""
    alerts = Alert.objects.of_metrics(list(metrics)).between(period.start, period.end)
    if period.node:
        alerts = alerts.of_node(period.node)
    return Events(list(alerts.latest_first()[:MOST_ALERTS]), in_words(marks, period.start, period.end, period.node))


def alert_url(alert: Alert) -> str:
    return reverse("avatar_monitoring:alert", args=[alert.pk])


def spans(alerts: Iterable[Alert], metric: str | None, period: Period) -> list[dict[str, Any]]:
    """A metric's alerts for a chart, in UTC epoch seconds.

    `start` and `end` are cut to the period; `since` and `until`, None while one fires, are not.
    """
    return [
        {
            "start": max(alert.started_at, period.start).timestamp(),
            "end": min(alert.ended_at or alert.known_until or period.end, period.end).timestamp(),
            "since": alert.started_at.timestamp(),
            "until": ended.timestamp() if (ended := alert.ended_at or alert.known_until) else None,
            "message": headline(alert),
            "url": alert_url(alert),
        }
        for alert in alerts
        if alert.metric == metric
    ]
