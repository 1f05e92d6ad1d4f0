"""How many stored alerts there are of each rule, and how many each choice of a search would find."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, When

from monitoring.history.alert_search import AlertSearch
from monitoring.models import Alert, Node
from monitoring.models.alert import STATES, AlertQuerySet

MOST_COUNTED = 10_000
"""Episodes that are counted for a choice, the newest ones; more would make every page slow."""

MOST_CHOICES = 12


class CountedRow(NamedTuple):
    """What choices are about, of one alert."""

    severity: str
    rule: str
    state: str
    subject: str
    node: str
    client: str


def by_rule(since: datetime) -> dict[str, int]:
    """How many episodes of each rule have begun since then."""
    # Rows of older releases have none.
    rule = Case(When(rule="", then="metric"), default="rule")
    return dict(Alert.objects.filter(started_at__gte=since).order_by().values_list(rule).annotate(Count("pk")))


def counts(search: AlertSearch, fields: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many episodes each value of these fields would find, the other fields as they are; most first.

    Fields are severity, rule, state, node and client. Those in which nothing is chosen are counted in the same rows,
    which are read once.
    """
    read: dict[AlertSearch, list[CountedRow]] = {}
    found = {}
    for name in fields:
        others = search.with_values(name, ())
        if others not in read:
            read[others] = list(_rows(others.episodes()))
        found[name] = _by_value(name, read[others])
    return found


def _rows(episodes: AlertQuerySet) -> Iterator[CountedRow]:
    # What is known of one alert that has no end is known of all.
    open_state = "firing" if Alert.objects.in_state("firing").exists() else "unknown"
    is_over = ExpressionWrapper(Q(ended_at__isnull=False), BooleanField())
    newest = episodes.annotate(is_over=is_over).values_list(
        "severity", "rule", "metric", "is_over", "subject", "node", "client_id"
    )[:MOST_COUNTED]
    for severity, rule, metric, over, subject, node, client in newest:
        # Rows of older releases have no rule.
        yield CountedRow(severity, rule or metric, "resolved" if over else open_state, subject, node, client)


def _by_value(name: str, rows: Collection[CountedRow]) -> list[tuple[str, int]]:
    found = _by_node(rows) if name == "node" else Counter(getattr(row, name) for row in rows)
    if name == "state":
        return [(value, found[value]) for value in STATES if found[value]]
    most_first = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [(value, count) for value, count in most_first if value][:MOST_CHOICES]


def _by_node(rows: Collection[CountedRow]) -> Counter[str]:
    """As `AlertQuerySet.of_node` finds them: a node's alerts are its own, its clients' and its host's."""
    names, nodes_of = {row.node for row in rows}, _nodes_by_host()
    found: Counter[str] = Counter()
    for row in rows:
        nodes = {row.subject, *nodes_of.get(row.subject, ()), row.node if row.client else ""}
        found.update(nodes & names)
    return found


def _nodes_by_host() -> Mapping[str, Collection[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for host, node in Node.objects.order_by().values_list("host", "node").distinct():
        found[host].add(node)
    return found
