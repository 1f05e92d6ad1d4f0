"""Alerts in frames: in SPEC.md's format, and limited to those that a frame has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import Any, TypeVar

from monitoring.core.alert_rules import PER_CLIENT, SEVERITIES
from monitoring.core.metrics import rounded
from monitoring.core.records import AlertRecord

MOST_SHOWN, MOST_CLIENTS_SHOWN = 20, 7
"""Alerts in one frame, and those about single clients among them: two kilobytes."""

T = TypeVar("T")


def foremost(alerts: Iterable[T], facts: Callable[[T], tuple[str, str, float]]) -> list[T]:
    """The alerts that a frame has room for: the most severe, and of these the oldest, few of them about single clients.

    `facts` returns an alert's metric, severity and beginning.
    """

    def rank(alert: T) -> tuple[int, float]:
        _, severity, at = facts(alert)
        return SEVERITIES.index(severity) if severity in SEVERITIES else -1, at

    clients: list[T] = []
    others: list[T] = []
    for alert in alerts:
        (clients if facts(alert)[0] == PER_CLIENT else others).append(alert)
    return nsmallest(MOST_SHOWN, others + nsmallest(MOST_CLIENTS_SHOWN, clients, rank), rank)


def as_message(alert: AlertRecord, node: str, current: float | None = None) -> dict[str, Any]:
    """SPEC.md's alert format with additions: `value` is the value in the message, `current` the latest one."""
    return {
        "type": "performance_alert",
        "severity": alert.severity,
        "message": alert.message,
        "metric": alert.metric,
        "value": round(alert.value, 2),
        "current": rounded(current, 2),
        "peak": round(alert.peak, 2),
        "threshold": alert.threshold,
        "timestamp": alert.at,
        "state": alert.state,
        "subject": alert.subject,
        "node": node,
    }
