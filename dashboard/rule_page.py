"""What a rule's page shows: what it means, its metric, what it would have done, and the same with other numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from dashboard import periods
from dashboard.amount_texts import amount, limit, span
from dashboard.events import Events
from dashboard.languages import gettext, in_words, pgettext
from dashboard.periods import Period, UnknownPeriodError
from dashboard.problem_texts import problem_text
from dashboard.rule_texts import time_of
from dashboard.rules_page import shown_rule
from dashboard.trend_charts import Chart, as_json, chart_about, trend_of
from monitoring.alerting.rule_changes import ImpossibleRuleError, changed_rule
from monitoring.columns import timestamp
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.inputs import echo, number
from monitoring.history.annotations import marks
from monitoring.history.backtest import backtest, from_what
from monitoring.history.backtest_report import unit_of
from monitoring.history.backtest_result import Backtest, BacktestEpisode
from monitoring.models import AlertRule, Node
from monitoring.moments import stamp

RANGES = ("6h", "24h", "7d", "30d")
DEFAULT = "7d"
LONGEST = timedelta(days=31)
LISTED, DRAWN, NODES = 30, 300, 100
WIDE = 1_000
NARROWEST = 3.0
"""So that a short episode can be seen and clicked."""
FIELDS = {"enter": "threshold", "exit": "exit_threshold", "for": "for_seconds", "keep": "keep_firing_seconds"}
"""The parameters with other numbers, and the fields of a rule that they stand for."""


@dataclass(frozen=True, slots=True)
class ShownEpisode:
    """One line of the list of episodes, and its region of the timeline, in thousandths of the range."""

    one: BacktestEpisode
    peak: str
    url: str
    x: float
    width: float

    @property
    def started(self) -> datetime:
        return timestamp(self.one.start)

    @property
    def ended(self) -> datetime | None:
        return None if self.one.end is None else timestamp(self.one.end)

    @property
    def text(self) -> str:
        length = gettext("goes on") if self.one.end is None else span(self.one.end - self.one.start)
        return gettext("%(subject)s: %(length)s, peak %(peak)s") % {
            "subject": self.one.subject,
            "length": length,
            "peak": self.peak,
        }


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A backtest as the page shows it: `name` says which of the two rules it is of."""

    name: str
    unit: str
    found: Backtest
    listed: list[ShownEpisode]
    drawn: list[ShownEpisode]

    @property
    def numbers(self) -> list[str]:
        """The cells, in the order of their labels."""
        rule, found = self.found.rule, self.found
        return [
            limit(rule.threshold, self.unit),
            limit(rule.exit_threshold, self.unit),
            time_of(rule.for_seconds),
            time_of(rule.keep_firing_seconds),
            f"{len(found.episodes):,}",
            span(found.seconds_firing),
            _bounds(found),
            str(found.flaps),
            f"{found.notices:,}",
        ]


def _labels() -> tuple[str, ...]:
    return (
        gettext("Threshold"),
        gettext("Exit"),
        pgettext("a rule", "For"),
        gettext("Keeps firing"),
        gettext("Episodes"),
        gettext("Time firing"),
        gettext("Bounds"),
        gettext("Flapping"),
        gettext("Notices"),
    )


def rule_page(request: HttpRequest, rule: Rule, now: datetime) -> dict[str, Any]:
    """The template's context; `problem` says which number is not possible. Raises UnknownPeriodError."""
    query = request.GET
    period = _period(query, now)
    if rule.scope is AlertScope.FLEET and period.node:
        raise UnknownPeriodError(f"node={echo(period.node)}: must be left out, {rule.key} is about all nodes together")
    changed, problem = _changed(rule, query)
    unit = unit_of(rule)
    found = [_tried("in force", rule, unit, period)]
    found += [_tried("changed", changed, unit, period)] if changed else []
    rows = {row.name: row for row in AlertRule.objects.by_name()}
    chart = chart_about(rule.metric, period, of_each_client=rule.each_threshold is not None)
    return {
        "shown": shown_rule(rule, unit, rows, request),
        "period": period,
        "span": {"start": period.start.timestamp(), "end": period.end.timestamp()},
        "ranges": RANGES,
        "nodes": [] if rule.scope is AlertScope.FLEET else _nodes(period),
        "tried": found,
        "rows": list(zip(_labels(), *(one.numbers for one in found), strict=True)),
        "from_what": in_words(from_what, found[0].found),
        "fields": _fields(query, rule, changed),
        "kept": [(name, query[name]) for name in ("range", "from", "to", "node") if query.get(name)],
        "problem": problem_text(problem),
        "unit": unit,
        "trend": chart and _trend(chart, rule, changed, period, found[0]),
    }


def _period(query: Mapping[str, str], now: datetime) -> Period:
    chosen = dict(query.items())
    if not (chosen.get("range") or chosen.get("from") or chosen.get("to")):
        chosen["range"] = DEFAULT
    chosen.pop("compare", None)
    period = periods.parse(chosen, now)
    if period.length > LONGEST:
        asked = f"range={period.key}" if period.key else f"from={stamp(period.start)} to={stamp(period.end)}"
        raise UnknownPeriodError(f"{asked}: must be at most 31 days; manage.py backtest_alerts tries longer ones")
    return period


def _changed(rule: Rule, query: Mapping[str, str]) -> tuple[Rule | None, str]:
    """The rule with the numbers of the query string; None if there are none, or with what is wrong with them."""
    try:
        given = {field: _number(name, text) for name, field in FIELDS.items() if (text := query.get(name, "").strip())}
        changed = changed_rule(rule, **given)
    except ImpossibleRuleError as error:
        named = {field: name for name, field in FIELDS.items()}
        return None, f"{named.get(error.field, error.field)}={error.fault}"
    except ValueError as error:
        return None, str(error)
    return None if changed == rule else changed, ""


def _number(name: str, text: str) -> float:
    try:
        return number(text, -1e12, 1e12)
    except ValueError as error:
        raise ValueError(f"{name}={echo(text)}: must be {error}") from None


def _fields(query: Mapping[str, str], rule: Rule, changed: Rule | None) -> dict[str, str]:
    """What stands in the form: what was asked for, or the rule's own numbers."""
    shown = changed or rule
    return {name: query.get(name, "").strip() or f"{getattr(shown, field):g}" for name, field in FIELDS.items()}


def _tried(name: str, rule: Rule, unit: str, period: Period) -> TriedRule:
    found = in_words(backtest, rule, period.start, period.end, node=period.node or None)
    episodes = [_shown(one, unit, period) for one in found.episodes]
    return TriedRule(name, unit, found, episodes[: -LISTED - 1 : -1], episodes[-DRAWN:])


def _shown(one: BacktestEpisode, unit: str, period: Period) -> ShownEpisode:
    start, length = period.start.timestamp(), period.length.total_seconds()
    first = max(one.start, start)
    last = period.end.timestamp() if one.end is None else one.end
    x, width = (first - start) / length * WIDE, max(NARROWEST, (last - first) / length * WIDE)
    return ShownEpisode(
        one,
        amount(one.peak, unit),
        f"{reverse('avatar_monitoring:live')}?{urlencode({'at': stamp(timestamp(first))}, safe=':')}",
        round(min(x, WIDE - width), 2),
        round(width, 2),
    )


def _bounds(found: Backtest) -> str:
    if found.at_least is None or found.at_most is None:
        return gettext("not known")
    if found.at_least == found.at_most:
        return gettext("exact")
    return gettext("%(start)s to %(end)s") % {"start": span(found.at_least), "end": span(found.at_most)}


def _nodes(period: Period) -> list[str]:
    return Node.objects.seen_between(period.start, period.end).names()[:NODES]


def _trend(chart: Chart, rule: Rule, changed: Rule | None, period: Period, tried: TriedRule) -> dict[str, Any] | None:
    """The chart with both thresholds, those of the changed rule, and the episodes of the rule in force."""
    trend = replace(trend_of(period, chart.metrics), charts=(chart,))
    if trend.is_empty:
        return None
    export = f"{reverse('avatar_monitoring:trends-export')}?{urlencode(period.query, safe=':')}"
    events = Events([], in_words(marks, period.start, period.end, period.node))
    # A share of clients is not on the metric's axis: the line is where one client is beyond.
    limit = rule.threshold if rule.each_threshold is None else rule.each_threshold
    data = as_json(trend, events, {rule.metric: limit}, export)
    data["charts"][0]["limits"] = [] if rule.each_threshold is not None else list(_limits(rule, changed))
    data["charts"][0]["alerts"] = [_region(one, period) for one in tried.drawn]
    return data


def _limits(rule: Rule, changed: Rule | None) -> Iterator[dict[str, Any]]:
    if rule.exit_threshold != rule.threshold:
        yield {"value": rule.exit_threshold, "name": gettext("exit"), "below": rule.is_above}
    if changed and changed.threshold != rule.threshold:
        yield {"value": changed.threshold, "name": gettext("changed limit"), "below": not rule.is_above, "left": True}
    if changed and changed.exit_threshold not in (rule.exit_threshold, changed.threshold):
        yield {"value": changed.exit_threshold, "name": gettext("changed exit"), "below": rule.is_above, "left": True}


def _region(shown: ShownEpisode, period: Period) -> dict[str, Any]:
    end = period.end.timestamp()
    start = max(shown.one.start, period.start.timestamp())
    last = end if shown.one.end is None else min(shown.one.end, end)
    return {"start": start, "end": last, "message": shown.text, "url": shown.url}
