"""Finds stored alerts by what a person chose: the page, its exports and its batch actions read it alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.db.models import Case, Q, Value, When
from django.http import QueryDict

from monitoring.core.inputs import echo, plain_text, whole_number
from monitoring.models import Alert
from monitoring.models.alert import STATES, AlertQuerySet
from monitoring.models.alert_rule import SEVERITIES
from monitoring.moments import ALLOWED, parse_moment

RANGES = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
ANSWERED = {"no": "Not acknowledged", "yes": "Acknowledged"}
LONGEST_TEXT = 255
MOST_VALUES = 20
"""Values of one field in one query string."""

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


@dataclass(frozen=True, slots=True)
class AlertSearch:
    """What was asked for: an alert matches every field that was given, and one of the values of each.

    `range_name` is one of RANGES, empty for other periods; `start` and `end` (exclusive) are then relative to now.
    What could not be understood is left out and named in `problems`: the parameter, its value and what is allowed.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    answered: str = ""
    text: str = ""
    range_name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, query: QueryDict, now: datetime) -> AlertSearch:
        """The search in a query string: severity, rule, metric, state, node, host, client, subject, answered, text,
        and range, or from and to."""
        reader = _SearchReader(query, now)
        start, end, range_name = reader.period()
        reader.refuse("episode", "the number of an alert")
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
    def is_empty(self) -> bool:
        return self == AlertSearch()

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.chosen).get(name, ())

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

    def with_values(self, name: str, values: Iterable[str]) -> AlertSearch:
        """The same search with other values of one field."""
        others = [(each, known) for each, known in self.chosen if each != name]
        given = tuple(values)
        return replace(self, chosen=tuple([*others, (name, given)] if given else others))

    def toggled(self, name: str, value: str) -> AlertSearch:
        """The same search with one value more, or without it if it has it."""
        had = self.values(name)
        return self.with_values(name, [one for one in had if one != value] if value in had else [*had, value])

    @property
    def query(self) -> str:
        """The query string that asks for this again, without the question mark."""
        pairs = [(name, value) for name, values in self.chosen for value in values]
        pairs += [("answered", self.answered), ("text", self.text), ("range", self.range_name)]
        if not self.range_name:
            pairs += [("from", stamp_of(self.start)), ("to", stamp_of(self.end))]
        return urlencode([(name, value) for name, value in pairs if value], safe=":")


def most_severe_first(found: AlertQuerySet) -> AlertQuerySet:
    """By severity, and of one severity the oldest first."""
    ranks = [When(severity=name, then=Value(rank)) for rank, (name, _) in enumerate(SEVERITIES)]
    return found.order_by(Case(*ranks, default=Value(0)), "started_at", "pk")


def stamp_of(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def place_of(alert: Alert) -> str:
    """Where an alert stands among all, newest first; `parse_place` reads it."""
    began, number = alert.place
    return f"{stamp_of(began)}_{number}"


def parse_place(text: str) -> tuple[datetime, int]:
    """Raises ValueError that names the text and what is allowed."""
    began, _, number = text.rpartition("_")
    try:
        return parse_moment(began, datetime.now(UTC)), whole_number(number, 1)
    except ValueError:
        raise ValueError(f"before={echo(text)}: must be a time and a number, as in the page's own links") from None


class _SearchReader:
    """Reads parameters one by one; what it cannot understand it leaves out and remembers in `problems`."""

    def __init__(self, query: QueryDict, now: datetime) -> None:
        self.query, self.now = query, now
        self.problems: list[str] = []

    def values(self, name: str) -> tuple[str, ...]:
        given = list(dict.fromkeys(value for value in self.query.getlist(name) if value))
        if len(given) > MOST_VALUES:
            self.problems.append(f"{name}: must be given at most {MOST_VALUES} times")
        allowed = {"severity": [value for value, _ in SEVERITIES], "state": list(STATES)}.get(name)
        return tuple(value for value in given[:MOST_VALUES] if self._is_good(name, value, allowed))

    def one_of(self, name: str, allowed: Iterable[str]) -> str:
        value = self.query.get(name) or ""
        return value if not value or self._is_good(name, value, list(allowed)) else ""

    def text(self) -> str:
        value = (self.query.get("text") or "").strip()
        return value if self._is_good("text", value, None) else ""

    def period(self) -> tuple[datetime | None, datetime | None, str]:
        if name := self.one_of("range", RANGES):
            return self.now - RANGES[name], None, name
        start, end = self._moment("from"), self._moment("to")
        if start and end and start >= end:
            self.problems.append(
                f"from={echo(self._text('from'))} to={echo(self._text('to'))}: must begin before its end"
            )
            return None, None, ""
        return start, end, ""

    def refuse(self, name: str, allowed: str) -> None:
        """A parameter that means something only where it was understood before."""
        if name in self.query:
            self.problems.append(f"{name}={echo(self._text(name))}: must be {allowed}")

    def _text(self, name: str) -> str:
        return self.query.get(name) or ""

    def _moment(self, name: str) -> datetime | None:
        text = self.query.get(name)
        try:
            return parse_moment(text, self.now) if text else None
        except ValueError:
            self.problems.append(f"{name}={echo(text or '')}: must be {ALLOWED}")
            return None

    def _is_good(self, name: str, value: str, allowed: list[str] | None) -> bool:
        try:
            plain_text(value, LONGEST_TEXT)
        except ValueError as error:
            self.problems.append(f"{name}={echo(value)}: must be {error}")
            return False
        if allowed is not None and value not in allowed:
            self.problems.append(f"{name}={echo(value)}: must be one of {', '.join(allowed)}")
            return False
        return True
