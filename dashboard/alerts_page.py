"""What the alerts page shows: the choices, what is active, grouped by rule, a timeline, and past episodes by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_noop

from dashboard.alert_rows import ShownAlert, as_matchers, shown
from dashboard.alert_texts import label_of
from dashboard.alert_timeline import timeline_of
from dashboard.answer_choices import MATCHER_FIELDS
from dashboard.languages import gettext, in_words, pgettext
from dashboard.periods import UnknownPeriodError
from dashboard.problem_texts import problem_text
from monitoring.core.alert_rules import severity_rank
from monitoring.history.alert_counts import counts
from monitoring.history.alert_search import ANSWERED, AlertSearch, most_severe_first, parse_place, place_of
from monitoring.models.alert import STATES, AlertQuerySet

ACTIVE_ROWS = 200
ROWS_OF_A_RULE = 20
PAST_ROWS = 50
RANGE_LABELS = {
    "1h": gettext_noop("1 hour"),
    "24h": gettext_noop("24 hours"),
    "7d": gettext_noop("7 days"),
    "30d": gettext_noop("30 days"),
}
FIELDS = {
    "severity": gettext_noop("Severity"),
    "rule": gettext_noop("Alert"),
    "state": gettext_noop("State"),
    "node": gettext_noop("Node"),
    "client": gettext_noop("Client"),
}
SEVERITY_WORDS = (gettext_noop("critical"), gettext_noop("warning"), gettext_noop("info"))
"""What pages say for severities; templates translate them."""

ENDED_WORDS = (
    gettext_noop("server stopped"),
    gettext_noop("node gone"),
    gettext_noop("client gone"),
    gettext_noop("not measured"),
    gettext_noop("grouped"),
    gettext_noop("by hand"),
    gettext_noop("rule changed"),
    gettext_noop("monitoring off"),
    gettext_noop("no data"),
    gettext_noop("error"),
)
"""The same of why an alert ended, and of why it fires without a value."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice: its link switches it on or off; `count` is None if it is not counted, and "10000+" for at least as
    many. `value` is what the address says, which styles know."""

    label: str
    query: str
    is_on: bool
    count: int | str | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Active alerts of one rule, the most important first; `more` are not among the rows."""

    rule: str
    label: str
    severity: str
    rows: Sequence[ShownAlert]
    more: int
    query: str
    matchers: str

    @property
    def count(self) -> int:
        return len(self.rows) + self.more


def alerts_page(query: QueryDict, now: datetime) -> dict[str, Any]:
    """The template's context. Raises UnknownPeriodError for a place that is none."""
    search = AlertSearch.of(query, now)
    episodes = search.episodes()
    active = shown(most_severe_first(episodes.firing())[:ACTIVE_ROWS], now)
    past, older = _past(episodes.resolved(), query.get("before"))
    firing_count = len(active) if len(active) < ACTIVE_ROWS else episodes.firing().count()
    return {
        "search": search,
        "problems": ". ".join(problem_text(one) for one in search.problems),
        "matchers": matchers_of(search),
        "filtered": not search.is_empty,
        "choices": _choices(search),
        "groups": groups(active, search),
        "firing_count": firing_count,
        "unseen_rows": max(0, firing_count - len(active)),
        "known_until": active[0].alert.known_until if active else None,
        "silenced_count": sum(one.silence is not None for one in active),
        "acknowledged_count": sum(one.is_acknowledged for one in active),
        "timeline": timeline_of(search, now),
        "past": shown(past, now),
        "older": search.query_with(before=place_of(past[-1])) if older else "",
        "is_continued": bool(query.get("before")),
        "export": {kind: search.query_with(format=kind) for kind in ("csv", "json")},
    }


def _past(episodes: AlertQuerySet, before: str | None) -> tuple[list[Any], bool]:
    """A page's past episodes from a place on, and whether there are older ones."""
    if before:
        try:
            episodes = episodes.older_than(*parse_place(before))
        except ValueError as error:
            raise UnknownPeriodError(str(error)) from None
    rows = list(episodes[: PAST_ROWS + 1])
    return rows[:PAST_ROWS], len(rows) > PAST_ROWS


def groups(active: Iterable[ShownAlert], search: AlertSearch) -> list[RuleGroup]:
    """Active alerts by rule, the rule with the most severe and oldest alert first; silenced ones come last."""
    by_rule = sorted(active, key=lambda one: one.rule)
    found = [_group(rule, list(rows), search) for rule, rows in groupby(by_rule, key=lambda one: one.rule)]
    return sorted(found, key=lambda group: group.rows[0].rank)


def _group(rule: str, rows: list[ShownAlert], search: AlertSearch) -> RuleGroup:
    rows.sort(key=lambda one: one.rank)
    severity = min((one.alert.severity for one in rows), key=severity_rank)
    return RuleGroup(
        rule=rule,
        label=label_of(rule, rows[0].alert.metric),
        severity=severity,
        rows=rows[:ROWS_OF_A_RULE],
        more=len(rows) - len(rows[:ROWS_OF_A_RULE]),
        query=search.with_values("rule", [rule]).query,
        matchers=matchers_of(search.with_values("rule", [rule])),
    )


def matchers_of(search: AlertSearch) -> str:
    """The matchers of a silence for what a search finds, as far as one can say it."""
    single = {name: values[0] for name, values in search.chosen if len(values) == 1 and name in MATCHER_FIELDS}
    return as_matchers(**single)


def _choices(search: AlertSearch) -> list[tuple[str, str, list[Chip]]]:
    """Name, label and chips of each field, without fields in which nothing can be chosen."""
    found = counts(search, FIELDS)
    chips = [(name, gettext(label), _chips(search, name, dict(found[name]))) for name, label in FIELDS.items()]
    answered = [
        Chip(
            gettext(label),
            replace(search, answered="" if search.answered == value else value).query,
            search.answered == value,
        )
        for value, label in ANSWERED.items()
    ]
    ranges = [
        Chip(gettext(label), search.toggled_range(name).query, search.range_name == name)
        for name, label in RANGE_LABELS.items()
    ]
    others = [
        ("answered", pgettext("what to do with an alert", "Answer"), answered),
        ("range", gettext("Period"), ranges),
    ]
    return [one for one in [*chips, *others] if one[2]]


def _chips(search: AlertSearch, name: str, found: Mapping[str, int]) -> list[Chip]:
    on = search.values(name)
    values = [*found, *(value for value in on if value not in found)]
    if name == "severity":
        values.sort(key=severity_rank)
    return [
        Chip(_label(name, value), search.toggled(name, value).query, value in on, found.get(value, 0), value)
        for value in values
    ]


def _label(name: str, value: str) -> str:
    if name == "rule":
        return label_of(value)
    if name == "state":
        return in_words(str, STATES[value])
    return gettext(value) if name == "severity" else value
