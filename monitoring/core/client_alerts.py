"""The alerts of rules about single clients: one for each client while few are in breach, one for all once many are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitoring.core.alert_rules import AlertScope, Comparison, NoData, Rule
from monitoring.core.alert_state import FLAP_SECONDS, INACTIVE, RESOLVED, AlertState, Observation, step
from monitoring.core.alerts import NEW, AlertBook
from monitoring.core.client_values import ClientValues
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics
from monitoring.core.records import GROUPED

MOST_SINGLE = 10
"""Clients of a node that have an alert each by one rule; when more are in breach, one alert is about all of them."""

MOST_EXAMPLES = 20


class ClientAlerts:
    """Watches the clients of one node by the book's rules about clients.

    However many clients are in breach, it steps at most ten of them, and one state for all together: its value is how
    many they are, and it fires once there were more than ten for the rule's `for_seconds`, until there is none.
    """

    def __init__(self, book: AlertBook, collector: MetricsCollector) -> None:
        self.values = ClientValues(collector)
        self._book = book
        self._clients: Mapping[str, ClientMetrics] = collector.client_metrics
        self._rules: Mapping[str, Rule] = {}
        self._watches: dict[str, ClientWatch] = {}

    def observe(self, node: str, moment: float, at: float, interval: float) -> None:
        """`moment` is by the collector's clock, for the clients' silence; `at` is the UTC timestamp."""
        if self._rules is not self._book.rules:
            self._use(self._book.rules)
        for watch in self._watches.values():
            watch.observe(self.values, self._clients, node, moment, at, interval)

    def clear(self) -> None:
        """The watch is over."""
        self._use({})

    def move(self, seconds: float) -> None:
        """The clock of `at` was set by so many seconds."""
        for watch in self._watches.values():
            watch.move(seconds)

    def _use(self, rules: Mapping[str, Rule]) -> None:
        """From now on these rules are in force, as far as they are about clients."""
        self._rules, before = rules, self._watches
        self._watches = {}
        for key, rule in rules.items():
            if rule.scope is AlertScope.CLIENT:
                watch = before.get(key)
                if watch is not None and watch.applies(rule):
                    watch.use(rule)
                else:
                    watch = ClientWatch(rule, self._book)
                self._watches[key] = watch
        for key, watch in before.items():
            if self._watches.get(key) is not watch:
                self.values.forget(key)


class ClientWatch:
    """One rule about the clients of one node."""

    def __init__(self, rule: Rule, book: AlertBook) -> None:
        self._book = book
        self.use(rule)
        self._states: dict[str, AlertState] = {}
        """Of the clients in breach, at most ten, and of those that fired lately."""
        self._followed: dict[str, None] = {}
        """Those of them that are pending or firing."""
        self._together = NEW

    def use(self, rule: Rule) -> None:
        """From now on the rule says this."""
        self.rule, self._rule_together = rule, together(rule)

    def applies(self, rule: Rule) -> bool:
        """Whether its states are still about what the rule is about."""
        return (self.rule.metric, self.rule.comparison) == (rule.metric, rule.comparison)

    def move(self, seconds: float) -> None:
        self._states = {name: state.moved(seconds) for name, state in self._states.items()}
        self._together = self._together.moved(seconds)

    def observe(
        self,
        values: ClientValues,
        clients: Mapping[str, ClientMetrics],
        node: str,
        moment: float,
        at: float,
        interval: float,
    ) -> None:
        names = values.in_breach(self.rule, moment)
        self._observe_together(names, bool(clients), node, at, interval)
        if self._together.fires:
            self._end_singles(at)
            return
        self._forget_absent(clients, at)
        for name in names:
            if len(self._followed) >= MOST_SINGLE:
                break
            self._followed[name] = None
        for name in list(self._followed):
            value = values.value(self.rule.metric, clients[name], moment)
            self._observe_single(name, Observation(value, interval=interval), at)

    def _observe_together(
        self, names: list[str], is_anybody_there: bool, node: str, at: float, interval: float
    ) -> None:
        rule = self.rule
        observation = Observation(float(len(names)) if is_anybody_there else None, "", interval, not is_anybody_there)
        self._together = step(self._together, observation, self._rule_together, at)
        self._book.follow((rule.key, node), rule, self._together, at, names[:MOST_EXAMPLES])

    def _observe_single(self, name: str, observation: Observation, at: float) -> None:
        after = self._states[name] = step(self._states.get(name, NEW), observation, self.rule, at)
        self._book.follow((self.rule.key, name), self.rule, after, at)
        if after.phase is INACTIVE or after.phase is RESOLVED:
            self._followed.pop(name, None)
            if not after.firings:
                del self._states[name]

    def _end_singles(self, at: float) -> None:
        for name in self._followed:
            self._book.end(self.rule.key, name, at, GROUPED)
        self._followed.clear()
        self._states.clear()

    def _forget_absent(self, clients: Mapping[str, ClientMetrics], at: float) -> None:
        for name in [name for name in self._followed if name not in clients]:
            self._book.end(self.rule.key, name, at)
            self._followed.pop(name, None)
        gone = [
            name
            for name, state in self._states.items()
            if name not in self._followed and (name not in clients or not _is_remembered(state, at))
        ]
        for name in gone:
            del self._states[name]


def together(rule: Rule) -> Rule:
    """The rule for how many clients are in breach of another."""
    return replace(
        rule,
        threshold=float(MOST_SINGLE),
        exit_threshold=0.0,
        comparison=Comparison.ABOVE,
        each_threshold=None,
        no_data=NoData.KEEP,
    )


def _is_remembered(state: AlertState, at: float) -> bool:
    """Whether it fired lately, so that firing again may be flapping."""
    return bool(state.firings) and at - state.firings[-1] <= FLAP_SECONDS
