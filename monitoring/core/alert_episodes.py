"""Builds the episodes of one metric and subject from the nodes' alerts. Pure: the order of these does not matter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from monitoring.core.records import NODE_GONE, AlertRecord


class NodeAlert(msgspec.Struct):
    """One alert of one start of a node, from `since` to `until`, UTC epoch seconds; without `until` it still fires.

    Rows of `models.Alert` hold them as JSON, so these names are those in the database.

    `ended` says why it is over if its value did not come down.
    """

    boot: str
    node: str
    host: str
    since: float
    severity: str
    message: str
    value: float
    threshold: float
    peak: float
    until: float | None = None
    ended: str = ""
    last: float | None = None
    last_at: float | None = None
    grouped: bool = False
    examples: list[str] = []
    flapping: bool = False
    reason: str = ""

    @property
    def end(self) -> float:
        return math.inf if self.until is None else self.until

    def close(self, until: float, ended: str) -> None:
        self.until, self.ended = max(self.since, until), ended

    def reopen(self) -> None:
        self.until, self.ended = None, ""

    def follow(self, boot: str, seconds: float) -> bool:
        """The clock of a boot was set by this much: if it still fires, it began this much later."""
        if self.boot != boot or self.until is not None:
            return False
        self.since += seconds
        return True


class AlertEpisode(NamedTuple):
    """From the moment when an alert fired on any node to the moment when it fired on none any more."""

    alerts: Sequence[NodeAlert]
    """The one that fired first comes first."""

    @property
    def first(self) -> NodeAlert:
        return self.alerts[0]

    @property
    def last(self) -> NodeAlert:
        """The one that fired longest; of several, one that says that the value came down."""
        return max(self.alerts, key=lambda alert: (alert.end, -_WEIGHT.get(alert.ended, 1)))

    @property
    def peak(self) -> float:
        return max(alert.peak for alert in self.alerts)


_WEIGHT = {"": 0, NODE_GONE: 2}


def episodes(alerts: Iterable[NodeAlert]) -> list[AlertEpisode]:
    """The episodes of all nodes' alerts of one metric and subject, in order of time: alerts that overlap or touch are
    one."""
    found: list[list[NodeAlert]] = []
    reached = -math.inf
    for alert in sorted(alerts, key=lambda alert: (alert.since, alert.node, alert.boot)):
        if alert.since <= reached:
            found[-1].append(alert)
        else:
            found.append([alert])
        reached = max(reached, alert.end)
    return [AlertEpisode(together) for together in found]


def take(alerts: list[NodeAlert], record: AlertRecord, *, boot: str, node: str, host: str) -> bool:
    """Updates the alerts of one metric and subject from one node's record; returns whether that changed any.

    A node's records come in order. If the beginning was lost, an older release does not say when it was.
    """
    own = [alert for alert in alerts if alert.boot == boot]
    open_one = next((alert for alert in own if alert.until is None), None)
    since = record.since
    if since is None:
        since = open_one.since if open_one else record.at
        if open_one is None and record.state == "resolved":
            return False
    alert = next((alert for alert in own if alert.since == since), None)
    if alert is None:
        if open_one is not None:
            # Its end was lost; it was over by now.
            open_one.close(since, "")
        alert = NodeAlert(
            boot, node, host, since, record.severity, record.message, record.value, record.threshold, record.peak
        )
        alerts.append(alert)
    elif alert.until is not None:
        return False
    alert.peak = max(alert.peak, record.peak)
    if record.state == "resolved":
        alert.close(record.at, record.ended)
    return True
