"""What alerts look at in each tick: the node's sample, each of its clients, and what is watched besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from monitoring.core.alert_metrics import HOST, NODE
from monitoring.core.alert_rules import Rule
from monitoring.core.alert_state import GAP_INTERVALS, LEAST_GAP, Observation
from monitoring.core.alert_values import READINGS, observation_of
from monitoring.core.alerts import AlertBook
from monitoring.core.client_alerts import ClientAlerts
from monitoring.core.collector import MetricsCollector
from monitoring.core.identity import Identity
from monitoring.core.own_gauges import OwnGauges
from monitoring.core.stats.sample import Sample


class Watched(NamedTuple):
    """A value besides the sample's: the key of the rule that it came with, whose it is, and how to read it."""

    rule: str
    subject: str
    read: Callable[[], float | None]


class Lookout(NamedTuple):
    """A rule about this host or node, and what it is about besides the sample's own value."""

    rule: Rule
    of_host: bool
    watched: list[Watched]


class Observations:
    """Shows the alert book what one node has just measured, by all of its rules.

    Time is that of the samples, so that a replay of them decides the same.
    """

    def __init__(
        self, book: AlertBook, collector: MetricsCollector, identity: Identity, gauges: OwnGauges | None = None
    ) -> None:
        self._gauges = gauges or OwnGauges(collector.rescue)
        self._book = book
        self._collector = collector
        self._identity = identity
        self._clients = ClientAlerts(book, collector)
        self._watched: dict[str, list[Watched]] = {}
        self._rules: Mapping[str, Rule] = {}
        self._lookouts: list[Lookout] = []
        self._moment: float | None = None

    def watch(self, rule: Rule, subject: str, read: Callable[[], float | None]) -> None:
        """Checks one more value in each tick, None while unknown; `read` must not wait."""
        self._book.add(rule)
        self._watched.setdefault(rule.metric, []).append(Watched(rule.key, subject, read))
        self._use(self._book.rules)

    def observe(self, sample: Sample, moment: float, interval: float) -> None:
        """`moment` is by the collector's clock; the next sample is expected `interval` seconds later."""
        self._notice_a_pause(moment, interval)
        if self._rules is not self._book.rules:
            self._use(self._book.rules)
        at = sample.until
        readings: dict[Watched, Observation] = {}
        for rule, of_host, all_watched in self._lookouts:
            measured = self._measured(rule, sample, interval)
            for watched in all_watched:
                # A sample's own value is the one that is replayed.
                found = measured if measured is not None and measured.value is not None else readings.get(watched)
                if found is None:
                    found = readings[watched] = self._read(rule, watched, interval)
                self._book.observe(rule.key, watched.subject, found, at)
            if measured is not None and not all_watched:
                subject = self._identity.host if of_host else self._identity.node
                self._book.observe(rule.key, subject, measured, at)
        self._clients.observe(self._identity.node, moment, at, interval)

    def move(self, seconds: float) -> None:
        """The clock that stamps samples was set by so many seconds."""
        if seconds:
            self._book.move(seconds)
            self._clients.move(seconds)

    def end_all(self, at: float) -> None:
        """The watch is over: ends all alerts."""
        self._book.end_all(at)
        self._clients.clear()
        self._moment = None

    def _use(self, rules: Mapping[str, Rule]) -> None:
        """From now on these rules are in force, as far as they are about this host or node."""
        self._rules = rules
        self._lookouts = [
            Lookout(rule, rule.scope is HOST, self._watched_by(rule))
            for rule in rules.values()
            if rule.scope in (HOST, NODE)
        ]

    def _notice_a_pause(self, moment: float, interval: float) -> None:
        """After a pause of the whole process, what clients sent meanwhile is still to be read."""
        before, self._moment = self._moment, moment
        if before is not None and moment - before > max(LEAST_GAP, GAP_INTERVALS * interval):
            self._clients.values.heard_since = moment

    def _measured(self, rule: Rule, sample: Sample, interval: float) -> Observation | None:
        """What the sample says about the rule; None if this node's samples never do, or do not now."""
        if rule.metric in READINGS:
            return observation_of(rule, sample, interval)
        error = self._gauges.error_of(rule.metric)
        if error is None:
            return None
        found = observation_of(rule, sample, interval)
        return found if found is None or not error else Observation(None, error, interval)

    def _watched_by(self, rule: Rule) -> list[Watched]:
        """What a rule is about: the values that came with it, or all of its metric for a rule that came later."""
        found = self._watched.get(rule.metric)
        if not found:
            return []
        own = [watched for watched in found if watched.rule == rule.key]
        return own or list({watched.subject: watched for watched in found}.values())

    def _read(self, rule: Rule, watched: Watched, interval: float) -> Observation:
        try:
            value = watched.read()
            return Observation(None if value is None else float(value), interval=interval)
        except Exception:
            self._collector.rescue.failed(f"reading {rule.metric}")
            return Observation(error="reading it failed", interval=interval)
