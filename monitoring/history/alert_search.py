"""Finds stored alerts by what a person chose: the page, its exports and its batch actions read it alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Case, Q, Value, When
from django.http import QueryDict

from monitoring.core.alert_rules import severity_rank
from monitoring.history.search_reader import OF_PAGES, Allowed, SearchReader, place_text
from monitoring.history.search_reader import RANGES as RANGES
from monitoring.history.search_reader import parse_place as parse_place
from monitoring.history.stored_search import StoredSearch
from monitoring.models import Alert
from monitoring.models.alert import STATES, AlertQuerySet
from monitoring.models.alert_rule import SEVERITIES

ANSWERED = {"no": "Not acknowledged", "yes": "Acknowledged"}

NAMES = {
    "rule": "rule",
    "metric": "metric",
    "severity": "severity",
    "host": "host",
    "subject": "subject",
    "client": "client_id",
}
"""The column of a field."""

MANY = ("severity", "rule", "metric", "state", "node", "host", "client", "subject")
"""Fields that may be repeated: an alert matches one of the values."""

ALLOWED_VALUES: Allowed = {"severity": [value for value, _ in SEVERITIES], "state": list(STATES)}


@dataclass(frozen=True, slots=True)
class AlertSearch(StoredSearch):
    """What was asked for of alerts; `answered` is one of ANSWERED, or empty."""

    answered: str = ""

    @classmethod
    def of(cls, query: QueryDict, now: datetime) -> AlertSearch:
        """The search in a query string: severity, rule, metric, state, node, host, client, subject, answered, text,
        and range, or from and to."""
        reader = SearchReader(query, now, ALLOWED_VALUES)
        start, end, range_name = reader.period()
        reader.refuse("episode", "the number of an alert")
        reader.refuse_unknown((*MANY, "answered", "episode", *OF_PAGES))
        return cls(
            chosen=tuple((name, values) for name in MANY if (values := reader.values(name))),
            answered=reader.one_of("answered", ANSWERED),
            text=reader.text(),
            range_name=range_name,
            start=start,
            end=end,
            problems=tuple(reader.problems),
        )

    @property
    def switches(self) -> Sequence[tuple[str, str]]:
        return (("answered", self.answered),)

    def episodes(self) -> AlertQuerySet:
        """The matching episodes, newest first."""
        found: AlertQuerySet = Alert.objects.latest_first()
        for name, values in self.chosen:
            if name == "node":
                found = reduce(or_, (found.of_node(value) for value in values))
            elif name == "state":
                found = reduce(or_, (found.in_state(value) for value in values))
            elif name == "rule":
                # Rows of an older release may have been written by it after the upgrade, without a rule.
                found = found.filter(Q(rule__in=values) | Q(rule="", metric__in=values))
            else:
                found = found.filter(**{f"{NAMES[name]}__in": values})
        return self._others(found)

    def _others(self, found: AlertQuerySet) -> AlertQuerySet:
        if self.answered:
            found = found.filter(acknowledged_at__isnull=self.answered == "no")
        if self.text:
            texts = [Q(**{f"{name}__icontains": self.text}) for name in ("subject", "message", "rule", "client_id")]
            found = found.filter(reduce(or_, texts))
        if self.start:
            found = found.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=self.start))
        if self.end:
            found = found.filter(started_at__lt=self.end)
        return found


def most_severe_first(found: AlertQuerySet) -> AlertQuerySet:
    """By severity, and of one severity the oldest first."""
    ranks = [When(severity=name, then=Value(severity_rank(name))) for name, _ in SEVERITIES]
    return found.order_by(Case(*ranks, default=Value(severity_rank(""))), "started_at", "pk")


def place_of(alert: Alert) -> str:
    """Where an alert stands among all, newest first; `parse_place` reads it."""
    return place_text(alert.place)
