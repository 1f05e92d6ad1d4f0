"""How clients do by the path of their consumer and by their browser, counted only while somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import msgspec

from monitoring.core.browser_family import OTHER, browser_of
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics, rounded
from monitoring.core.path_patterns import path_pattern
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.tick_turns import CLIENTS_A_TICK, TickTurn, TickTurns
from monitoring.core.verdicts import Verdict
from monitoring.core.view import View

MOST_GROUPS = 50
"""Of one kind; the clients of further ones are together in `other`."""

PATHS, BROWSERS = "paths", "browsers"


class GroupedView(View, frozen=True, forbid_unknown_fields=True):
    """The same page of clients for a viewer that is shown the groups too."""


class Group(msgspec.Struct):
    """Clients that have something in common: their last round trips, frame rates and verdicts, each client once."""

    clients: int = 0
    latency: Sketch = msgspec.field(default_factory=Sketch)
    drawing: Gauge = msgspec.field(default_factory=Gauge)
    verdicts: dict[str, int] = {}

    def merge(self, other: Group) -> None:
        """Adds the other's clients to this one."""
        self.clients += other.clients
        self.latency.merge(other.latency)
        self.drawing.merge(other.drawing)
        for verdict, count in other.verdicts.items():
            self.verdicts[verdict] = self.verdicts.get(verdict, 0) + count

    def as_dict(self, name: str) -> dict[str, Any]:
        p50, p95 = self.latency.quantiles(0.50, 0.95)
        return {
            "name": name,
            "clients": self.clients,
            "p50_latency_ms": rounded(p50, 2),
            "p95_latency_ms": rounded(p95, 2),
            "fps": rounded(self.drawing.average, 1),
            "verdicts": self.verdicts,
        }


Groups = dict[str, dict[str, Group]]
"""The groups of each kind, by name."""


class Grouping:
    """Counts one node's clients by group: at most CLIENTS_A_TICK of them at a tick."""

    def __init__(self, collector: MetricsCollector) -> None:
        self._collector = collector
        self._turns = TickTurns()
        self._left: list[str] = []
        self._counting = nothing()
        self._counted: Groups | None = None

    def at(self, seq: int) -> Groups | None:
        """The groups at the tick of this number; None while the first count is under way.

        It is to be asked at each tick: what was counted before a pause is forgotten.
        """
        turn = self._turns.at(seq)
        if turn is TickTurn.AFRESH:
            self._left, self._counting, self._counted = [], nothing(), None
        if turn is not TickTurn.SAME:
            self._go_on()
        return self._counted

    def _go_on(self) -> None:
        clients = self._collector.client_metrics
        if not self._left:
            self._left, self._counting = list(clients), nothing()
        now, self._left = self._left[:CLIENTS_A_TICK], self._left[CLIENTS_A_TICK:]
        for client_id in now:
            client = clients.get(client_id)
            if client is not None:
                self._count(client)
        if not self._left:
            self._counted = self._counting

    def _count(self, client: ClientMetrics) -> None:
        values = self._collector.now
        latency, fps = values.latencies.value(client.client_id), values.fps.value(client.client_id)
        verdict = Verdict.UNKNOWN if client.judgement is None else client.judgement.verdict
        paths, browsers = self._counting[PATHS], self._counting[BROWSERS]
        for group in (
            _group(paths, path_pattern(client.path)),
            _group(browsers, browser_of(client.user_agent).family),
        ):
            group.clients += 1
            if latency is not None:
                group.latency.add(latency)
            if fps is not None:
                group.drawing.add(fps)
            group.verdicts[verdict] = group.verdicts.get(verdict, 0) + 1


def nothing() -> Groups:
    return {PATHS: {}, BROWSERS: {}}


def _group(groups: dict[str, Group], name: str) -> Group:
    group = groups.get(name)
    if group is None:
        if len(groups) >= MOST_GROUPS:
            name = OTHER
        group = groups.setdefault(name, Group())
    return group


def merged(parts: Iterable[Mapping[str, Mapping[str, Group]] | None]) -> dict[str, list[dict[str, Any]]]:
    """The groups of several nodes together, the largest first; those beyond MOST_GROUPS are together in `other`."""
    totals = nothing()
    for part in parts:
        for kind, groups in (part or {}).items():
            found = totals.setdefault(kind, {})
            for name, group in groups.items():
                found.setdefault(name, Group()).merge(group)
    return {kind: [group.as_dict(name) for name, group in _foremost(groups)] for kind, groups in totals.items()}


def _foremost(groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    ordered = sorted(groups.items(), key=lambda item: (item[0] == OTHER, -item[1].clients, item[0]))
    named = [item for item in ordered if item[0] != OTHER]
    rest = Group()
    for _, group in (*islice(named, MOST_GROUPS, None), *ordered[len(named) :]):
        rest.merge(group)
    return named[:MOST_GROUPS] + ([(OTHER, rest)] if rest.clients else [])


def wants_groups(views: Iterable[View]) -> bool:
    return any(isinstance(view, GroupedView) for view in views)


def with_groups(view: View) -> GroupedView:
    """The same page of clients, with the groups."""
    return GroupedView(*(getattr(view, name) for name in view.__struct_fields__))
