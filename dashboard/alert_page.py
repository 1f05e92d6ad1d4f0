"""What the page of one episode shows: its facts, the trend around it, what people did about it, and who was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_noop

from dashboard.alert_rows import ShownAlert, shown
from dashboard.events import events
from dashboard.languages import gettext
from dashboard.periods import Period, around
from dashboard.sentence_times import moment
from dashboard.trend_charts import as_json, chart_about, trend_of
from monitoring.core.alert_rules import AlertScope
from monitoring.history.alert_search import AlertSearch
from monitoring.models import Alert, AlertEntry, Notice

MOST_LINES = 200
NOTICES = 100
ENDINGS: Final = {
    "": gettext_noop("its value came down"),
    "server stopped": gettext_noop("the server was stopped"),
    "node gone": gettext_noop("its node was no longer heard"),
    "client gone": gettext_noop("no client that it was about is left"),
    "not measured": gettext_noop("its value could not be read for too long"),
    "grouped": gettext_noop("one alert about many clients took its place"),
    "by hand": gettext_noop("somebody resolved it"),
    "rule changed": gettext_noop("its rule was changed or switched off"),
    "monitoring off": gettext_noop("the site was started without monitoring"),
}
DEEDS: Final = {
    "acknowledged": gettext_noop("{who} acknowledged it."),
    "unacknowledged": gettext_noop("{who} took the acknowledgement back."),
    "commented": gettext_noop("{who} commented."),
    "resolved": gettext_noop("{who} resolved it by hand."),
    "silenced": gettext_noop("{who} silenced it."),
    "worse": gettext_noop("The alert got worse, so the acknowledgement ended."),
    "expired": gettext_noop("The time of the acknowledgement is over."),
}
DEEDS_UNTIL: Final = {
    "acknowledged": gettext_noop("{who} acknowledged it until {until}."),
    "silenced": gettext_noop("{who} silenced it until {until}."),
}
"""The same with the time until which it holds."""

NOTICE_WORDS = (
    gettext_noop("sent"),
    gettext_noop("given up"),
    gettext_noop("failed"),
    gettext_noop("waits"),
    gettext_noop("firing"),
    gettext_noop("resolved"),
    gettext_noop("repeated"),
    gettext_noop("escalated"),
    gettext_noop("test"),
)
"""States and kinds of notices, which templates translate."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: what happened, as a sentence, and what somebody wrote."""

    at: datetime
    deed: SafeString
    text: str


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One notice: to which channel, when it was sent or given up, and what the receiver answered last."""

    notice: Notice
    state: str

    @property
    def is_problem(self) -> bool:
        return self.state in ("failed", "given up")


def alert_page(alert: Alert, now: datetime) -> dict[str, Any]:
    """The template's context."""
    (one,) = shown([alert], now)
    period = around(alert.started_at, alert.ended_at, now)
    return {
        "one": one,
        "ending": gettext(ENDINGS.get(alert.ended, alert.ended)) if alert.ended_at else "",
        "log": list(_log(alert)),
        "notices": [_told(notice) for notice in _notices(alert)],
        "before": _others(one),
        "trend": _trend(alert, period, one.limit),
        "span": {"start": period.start.timestamp(), "end": period.end.timestamp()},
    }


def _trend(alert: Alert, period: Period, limit: str) -> dict[str, Any] | None:
    """The chart of its metric around the episode; None if there is none, or nothing was stored."""
    chart = chart_about(alert.metric, period, of_each_client=alert.scope == AlertScope.CLIENT)
    if chart is None:
        return None
    if alert.scope in (AlertScope.HOST, AlertScope.NODE):
        # All nodes' average would hide what this one measured.
        period = replace(period, node=alert.node)
    trend = replace(trend_of(period, chart.metrics), charts=(chart,))
    if trend.is_empty:
        return None
    export = f"{reverse('avatar_monitoring:trends-export')}?{urlencode(period.query, safe=':')}"
    return as_json(
        trend,
        events(period, [alert.metric]),
        {alert.metric: alert.threshold},
        export,
        {alert.metric: gettext("limit %(what)s") % {"what": limit}},
    )


def _log(alert: Alert) -> Iterable[LogLine]:
    """The latest lines, in order."""
    for entry in reversed(AlertEntry.objects.filter(alert=alert).order_by("-at", "-id")[:MOST_LINES]):
        yield LogLine(entry.at, _deed(entry), entry.text)


def _deed(entry: AlertEntry) -> SafeString:
    sentences = DEEDS_UNTIL if entry.until and entry.kind in DEEDS_UNTIL else DEEDS
    # A later release may do what this one has no words for.
    sentence = gettext(sentences[entry.kind]) if entry.kind in sentences else f"{{who}} {entry.kind}."
    who = format_html("<strong><bdi>{}</bdi></strong>", entry.by) if entry.by else ""
    return format_html(sentence, who=who, until=moment(entry.until) if entry.until else "")


def _notices(alert: Alert) -> Iterable[Notice]:
    """The latest, in order: an alert that fires for weeks is repeated every few hours."""
    return reversed(alert.notices.select_related("channel").order_by("-created_at", "-id")[:NOTICES])


def _told(notice: Notice) -> ToldNotice:
    if notice.sent_at:
        state = "sent"
    elif notice.given_up_at:
        state = "given up"
    else:
        state = "failed" if notice.attempts else "waits"
    return ToldNotice(notice, state)


def _others(one: ShownAlert) -> str:
    """The query string that finds all episodes of the same rule and subject."""
    search = AlertSearch().with_values("rule", [one.rule]).with_values("subject", [one.alert.subject])
    return search.query
