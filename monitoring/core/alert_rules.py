"""The subjects of alerts, and when alerts fire and end: SPEC.md's four rules, and those about history and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SEVERITIES = ("critical", "warning", "info")
"""The most severe first."""


def severity_rank(severity: str) -> int:
    """The place among SEVERITIES. One that this release does not know is of a later one, and hides behind none."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


class AlertScope(StrEnum):
    """What one alert of a rule is about: a host, a node, all nodes together, or one client."""

    HOST = "host"
    NODE = "node"
    FLEET = "fleet"
    CLIENT = "client"


class Comparison(StrEnum):
    """On which side of the threshold a value is a breach."""

    ABOVE = "above"
    BELOW = "below"


ABOVE = Comparison.ABOVE


class NoData(StrEnum):
    """What becomes of an alert while its value stays unknown: it ends, it goes on, or it fires for that reason."""

    RESOLVE = "resolve"
    KEEP = "keep"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alert fires and when it is over.

    `exit_threshold` is where a firing alert may end: below the threshold (above it if the rule compares BELOW), so that
    a value at the line does not flap. What `no_data` says happens once its value was unknown for `no_data_seconds`. A
    firing alert's last value and peak are reported every `peak_seconds`. `name` identifies the rule, by default it is
    the metric. With `each_threshold`, the value is the share of clients, in percent, whose own value is on the wrong
    side of that threshold. Times are in seconds, thresholds in the metric's unit.
    """

    metric: str
    threshold: float
    exit_threshold: float
    severity: str
    message: str
    for_seconds: float = 0.0
    keep_firing_seconds: float = 5.0
    no_data_seconds: float = 60.0
    peak_seconds: float = 5.0
    name: str = ""
    scope: AlertScope = AlertScope.NODE
    comparison: Comparison = Comparison.ABOVE
    no_data: NoData = NoData.RESOLVE
    each_threshold: float | None = None
    runbook: str = ""

    @property
    def key(self) -> str:
        """What identifies the rule, on the wire and in the database."""
        return self.name or self.metric

    @property
    def is_above(self) -> bool:
        """Whether values above the threshold are breaches: a share of clients is always too high, never too low."""
        return self.each_threshold is not None or self.comparison is ABOVE

    def is_breach(self, value: float) -> bool:
        """Whether a value is on the wrong side of the threshold; the threshold itself is not."""
        return value > self.threshold if self.is_above else value < self.threshold

    def is_calm(self, value: float) -> bool:
        """Whether a firing alert may end with this value; the exit threshold itself may end it."""
        return value <= self.exit_threshold if self.is_above else value >= self.exit_threshold

    def worst(self, one: float, other: float) -> float:
        """The one of two values that is farther on the wrong side."""
        return max(one, other) if self.is_above else min(one, other)


PER_CLIENT = "stale_client_seconds"
"""The one metric whose alerts are about clients."""

DEFAULT_THRESHOLDS: Mapping[str, float] = {
    "cpu_percent": 80.0,
    "memory_percent": 85.0,
    "latency_ms": 100.0,
    PER_CLIENT: 60.0,
}

JOURNAL_LAG = Rule(
    metric="journal_lag_seconds",
    threshold=30.0,
    exit_threshold=15.0,
    severity="warning",
    message="History has been waiting on this server for {value:.0f}s: the journal does not accept it",
)
STORE_LAG = Rule(
    metric="store_lag_seconds",
    threshold=300.0,
    exit_threshold=150.0,
    severity="warning",
    message="History has not been stored for {value:.0f}s: is the Celery worker running?",
)

CLOCK_SKEW = Rule(
    metric="clock_skew_seconds",
    threshold=1.0,
    exit_threshold=0.8,
    severity="warning",
    message="The clock of {subject} differs from that of Redis by {value:.1f}s",
    scope=AlertScope.HOST,
)

EVICTABLE = Rule(
    metric="evictable_percent",
    threshold=0.0,
    exit_threshold=0.0,
    severity="warning",
    message="Redis deletes history once its memory is full ({value:.0f}% used): set maxmemory-policy to noeviction",
)

NODE_VANISHED = Rule(
    metric="node_gone",
    threshold=0.0,
    exit_threshold=0.0,
    severity="warning",
    message="Node {subject} vanished with {value:.0f} clients",
)
"""Its value is how many clients the node had. No node can say it of itself: the job that stores the journal does."""

OF_HISTORY: Mapping[str, Rule] = {
    rule.metric: rule for rule in (JOURNAL_LAG, STORE_LAG, CLOCK_SKEW, EVICTABLE, NODE_VANISHED)
}
"""The rules about history, which exist only if a journal is kept, by name."""

ALERT_METRICS = (*DEFAULT_THRESHOLDS, *OF_HISTORY)
"""All metrics that have alerts."""

EXIT_SHARE = 0.95
LONGEST_FOR = 3_600.0
"""How long the built-in rules may wait, in seconds."""


def default_rules(thresholds: Mapping[str, float], for_seconds: float = 0.0) -> dict[str, Rule]:
    """SPEC.md's four alerts with these thresholds, by metric. Raises ValueError for an unknown name.

    CPU, memory and latency must be above their thresholds for `for_seconds`; a stale client has been silent for long
    anyway.
    """
    unknown = sorted(set(thresholds) - set(DEFAULT_THRESHOLDS))
    if unknown:
        raise ValueError(
            f"alert_thresholds: unknown {', '.join(unknown)}; the names are {', '.join(DEFAULT_THRESHOLDS)}"
        )
    limit = {**DEFAULT_THRESHOLDS, **thresholds}

    def warning(metric: str, scope: AlertScope, message: str) -> Rule:
        threshold = limit[metric]
        return Rule(metric, threshold, threshold * EXIT_SHARE, "warning", message, for_seconds, scope=scope)

    rules = [
        warning("cpu_percent", AlertScope.HOST, "High CPU usage: {value:.1f}%"),
        warning("memory_percent", AlertScope.HOST, "High memory usage: {value:.1f}%"),
        warning("latency_ms", AlertScope.NODE, "High latency: {value:.1f}ms"),
        Rule(
            metric=PER_CLIENT,
            threshold=limit[PER_CLIENT],
            exit_threshold=limit[PER_CLIENT],
            severity="info",
            message="Stale client: {subject} inactive for {value:.0f}s",
            keep_firing_seconds=0.0,
            scope=AlertScope.CLIENT,
        ),
    ]
    return {rule.metric: rule for rule in rules}
