"""Alerts in frames: in SPEC.md's format with additions, and as many as a frame has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import nsmallest
from typing import Any, TypeVar

from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME, CLIENT
from monitoring.core.alert_rules import PER_CLIENT, Rule, severity_rank
from monitoring.core.metrics import rounded
from monitoring.core.records import AlertRecord

MOST_SHOWN = 100
"""Alerts in one frame."""

PRIVATE = ("acknowledged", "silenced", "examples", "runbook")
"""What avatars are not told: names of people and of other clients, and addresses inside a company."""

T = TypeVar("T")


def foremost(alerts: Iterable[T], facts: Callable[[T], tuple[str, bool, float]]) -> list[T]:
    """The alerts that a frame has room for: the most severe first, those about clients after others, and then the
    oldest.

    `facts` returns an alert's severity, whether it is about clients, and its beginning.
    """

    def rank(alert: T) -> tuple[int, bool, float]:
        severity, of_clients, at = facts(alert)
        return severity_rank(severity), of_clients, at

    return nsmallest(MOST_SHOWN, alerts, rank)


def key_of(message: Mapping[str, Any]) -> tuple[str, str]:
    """The rule and the subject; older releases do not name the rule, whose key is its metric."""
    return message.get("rule") or message["metric"], message["subject"]


def is_about_clients(message: Mapping[str, Any]) -> bool:
    scope = message.get("scope")
    return bool(scope == CLIENT if scope else message["metric"] == PER_CLIENT)


def of_several_nodes(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """One alert from two nodes: as the one that fired first reports it, with the worst value that either has seen."""
    first = min(one, other, key=lambda alert: (alert["timestamp"], alert["node"]))
    is_below = first["value"] < first.get("threshold", first["value"])
    # Counts and durations are never too low, and a node of an older release does not report its peak.
    worst = min if is_below and not (first.get("grouped") or first.get("reason")) else max
    return {**first, "peak": worst(alert.get("peak", alert["value"]) for alert in (one, other))}


def for_avatars(message: Mapping[str, Any]) -> dict[str, Any]:
    """What an avatar may know of an alert that is not about clients."""
    return {name: value for name, value in message.items() if name not in PRIVATE}


def names_of(alert: AlertRecord, host: str, node: str) -> dict[str, str]:
    """What matchers of silences compare."""
    is_one_client = alert.scope == CLIENT and not alert.grouped
    return {
        "rule": alert.key[0],
        "metric": alert.metric,
        "severity": alert.severity,
        "host": host,
        "node": node,
        "client": alert.subject if is_one_client else "",
        "subject": alert.subject,
    }


def first_message(rule: Rule, subject: str, value: float, reason: str, *, grouped: bool) -> str:
    """SPEC.md's text of an alert that begins to fire."""
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    label = metric.label if metric else rule.metric
    if grouped:
        unit = metric.unit if metric else ""
        side = "above" if rule.is_above else "below"
        return (
            f"{value:.0f} clients of {subject}: {label} {side} {rule.threshold:g}{unit if unit == '%' else f' {unit}'}"
        )
    if reason:
        known = "could not be read" if reason == "error" else "is not known"
        return f"{label} of {subject} {known} since {value:.0f}s"
    try:
        return rule.message.format(value=value, subject=subject)
    except (ValueError, TypeError, LookupError, AttributeError):
        # A project's own rule is not checked before.
        return rule.message


def as_message(alert: AlertRecord, node: str, now: float, runbook: str = "") -> dict[str, Any]:
    """SPEC.md's alert format with additions: `value` is the value in the message, `current` the latest one.

    `duration` is how many seconds it has been firing for `now`, UTC epoch seconds.
    """
    since = alert.at if alert.since is None else alert.since
    message = {
        "type": "performance_alert",
        "severity": alert.severity,
        "message": alert.message,
        "metric": alert.metric,
        "value": round(alert.value, 2),
        "current": rounded(alert.last, 2),
        "peak": round(alert.peak, 2),
        "threshold": alert.threshold,
        "timestamp": alert.at,
        "state": alert.state,
        "subject": alert.subject,
        "node": node,
        "rule": alert.key[0],
        "scope": alert.scope,
        "since": since,
        "duration": round(max(0.0, now - since), 1),
        "flapping": alert.flapping,
        "reason": alert.reason,
        "grouped": alert.grouped,
        "runbook": runbook,
    }
    if alert.grouped:
        message["count"] = round(alert.value if alert.last is None else alert.last)
        message["examples"] = alert.examples
    return message
