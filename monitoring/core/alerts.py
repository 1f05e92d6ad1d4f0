"""Alerts as episodes: a pure state machine, and the book of what fires now.

    ok ──breach──▶ pending ──for_seconds──▶ firing ──below exit for keep_firing_seconds──▶ ok

A value above the threshold is a breach; one equal to it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from monitoring.core.records import AlertRecord


class Phase(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alert fires and when it is over.

    `exit_threshold` is where a firing alert may end: below the threshold, so that a value at the line does not flap.
    An alert whose value stays unknown for `no_data_seconds` ends too.
    """

    metric: str
    threshold: float
    exit_threshold: float
    severity: str
    message: str
    for_seconds: float = 0.0
    keep_firing_seconds: float = 5.0
    no_data_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class State:
    """One alert's memory: its phase, when that began, and when the value was last above the exit, last known."""

    phase: Phase = Phase.OK
    since: float = 0.0
    above_at: float = 0.0
    known_at: float = 0.0
    peak: float = 0.0


def step(state: State, value: float | None, rule: Rule, now: float) -> State:
    """The state after one observation; `value` is None when nothing is known at `now`."""
    if value is None:
        unknown_for = now - state.known_at
        return State() if state.phase is not Phase.OK and unknown_for >= rule.no_data_seconds else state
    if state.phase is Phase.FIRING:
        peak = max(state.peak, value)
        if value > rule.exit_threshold:
            return replace(state, above_at=now, known_at=now, peak=peak)
        if now - state.above_at >= rule.keep_firing_seconds:
            return State()
        return replace(state, known_at=now, peak=peak)
    if value <= rule.threshold:
        return State()
    since = state.since if state.phase is Phase.PENDING else now
    phase = Phase.FIRING if now - since >= rule.for_seconds else Phase.PENDING
    return State(phase, since, above_at=now, known_at=now, peak=max(state.peak, value))


DEFAULT_THRESHOLDS: Mapping[str, float] = {
    "cpu_percent": 80.0,
    "memory_percent": 85.0,
    "latency_ms": 100.0,
    "stale_client_seconds": 60.0,
}

JOURNAL_LAG = Rule(
    metric="journal_lag_seconds",
    threshold=30.0,
    exit_threshold=15.0,
    severity="warning",
    message="History waits on this server for {value:.0f}s: the journal does not take it",
)
STORE_LAG = Rule(
    metric="store_lag_seconds",
    threshold=300.0,
    exit_threshold=150.0,
    severity="warning",
    message="History was not stored for {value:.0f}s: is the Celery worker running?",
)

ALERT_METRICS = (*DEFAULT_THRESHOLDS, JOURNAL_LAG.metric, STORE_LAG.metric)
"""All that alerts are about; the last two where a journal is kept."""

EXIT_SHARE = 0.95


def default_rules(thresholds: Mapping[str, float]) -> dict[str, Rule]:
    """SPEC.md's four alerts with these thresholds, by metric. Raises ValueError for a name that none of them has."""
    unknown = sorted(set(thresholds) - set(DEFAULT_THRESHOLDS))
    if unknown:
        raise ValueError(f"alert_thresholds: unknown {', '.join(unknown)}; allowed are {', '.join(DEFAULT_THRESHOLDS)}")
    limit = {**DEFAULT_THRESHOLDS, **thresholds}
    rules = [
        _warning("cpu_percent", limit, "High CPU usage: {value:.1f}%"),
        _warning("memory_percent", limit, "High memory usage: {value:.1f}%"),
        _warning("latency_ms", limit, "High latency: {value:.1f}ms"),
        Rule(
            metric="stale_client_seconds",
            threshold=limit["stale_client_seconds"],
            exit_threshold=limit["stale_client_seconds"],
            severity="info",
            message="Stale client: {subject} inactive for {value:.0f}s",
            keep_firing_seconds=0.0,
        ),
    ]
    return {rule.metric: rule for rule in rules}


def _warning(metric: str, limit: Mapping[str, float], message: str) -> Rule:
    return Rule(metric, limit[metric], limit[metric] * EXIT_SHARE, "warning", message)


class AlertBook:
    """The alerts of one node: what fires now, by metric and subject, and what changed since `take_changes`."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = dict(rules)
        self.firing: dict[tuple[str, str], AlertRecord] = {}
        self._states: dict[tuple[str, str], State] = {}
        self._changes: list[AlertRecord] = []

    def observe(self, metric: str, subject: str, value: float | None, now: float, at: float) -> None:
        """One reading of a metric of a subject; `now` is for durations, `at` the UTC stamp."""
        key = metric, subject
        rule = self.rules[metric]
        if key not in self._states and (value is None or value <= rule.threshold):
            return
        before = self._states.get(key, State())
        after = step(before, value, rule, now)
        if after.phase is Phase.OK:
            self._states.pop(key, None)
        else:
            self._states[key] = after
        if after.phase is Phase.FIRING and before.phase is not Phase.FIRING:
            assert value is not None
            self._fire(key, rule, value, at)
        elif before.phase is Phase.FIRING and after.phase is not Phase.FIRING:
            self._resolve(key, at)
        elif after.phase is Phase.FIRING:
            self.firing[key].peak = after.peak

    def subjects(self, metric: str) -> list[str]:
        """The subjects that a metric's alert fires for now."""
        return [subject for name, subject in self.firing if name == metric]

    def end(self, metric: str, subject: str, at: float) -> None:
        """The subject is gone: its alert is over."""
        if self._states.pop((metric, subject), State()).phase is Phase.FIRING:
            self._resolve((metric, subject), at)

    def end_all(self, at: float) -> None:
        """The watch is over, and with it all alerts."""
        for metric, subject in list(self.firing):
            self.end(metric, subject, at)

    def move(self, seconds: float) -> None:
        """The clock by which alerts are stamped was set: what fires began so much later by it."""
        if seconds:
            for key, alert in self.firing.items():
                self.firing[key] = msgspec.structs.replace(alert, at=alert.at + seconds)

    def take_changes(self) -> list[AlertRecord]:
        changes, self._changes = self._changes, []
        return changes

    def _fire(self, key: tuple[str, str], rule: Rule, value: float, at: float) -> None:
        metric, subject = key
        message = rule.message.format(value=value, subject=subject)
        alert = AlertRecord(metric, subject, "firing", at, rule.severity, message, value, rule.threshold, value)
        self.firing[key] = alert
        self._changes.append(alert)

    def _resolve(self, key: tuple[str, str], at: float) -> None:
        alert = self.firing.pop(key)
        self._changes.append(msgspec.structs.replace(alert, state="resolved", at=at))


def as_message(alert: AlertRecord, node: str) -> dict[str, Any]:
    """SPEC.md's alert format, and what else is known."""
    return {
        "type": "performance_alert",
        "severity": alert.severity,
        "message": alert.message,
        "metric": alert.metric,
        "value": round(alert.value, 2),
        "threshold": alert.threshold,
        "timestamp": alert.at,
        "state": alert.state,
        "subject": alert.subject,
        "node": node,
    }
