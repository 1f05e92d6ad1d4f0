"""Builds the episodes of one rule and subject from the nodes' alerts. Pure: the order of these does not matter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from monitoring.core.alert_rules import SEVERITIES
from monitoring.core.records import BY_HAND, MONITORING_OFF, NODE_GONE, RULE_CHANGED, AlertRecord

RANKS = {name: rank for rank, name in enumerate(reversed(SEVERITIES), 1)}
MOST_COUNTS = 60
"""Kept of the counts of one alert about many clients: when there are more, every second one goes."""

SILENT = (NODE_GONE, MONITORING_OFF)
"""How alerts end whose node was no longer heard: if it is heard again, they go on."""

FINAL = (BY_HAND, RULE_CHANGED)
"""How alerts end for good: what begins at that moment is another episode."""


class NodeAlert(msgspec.Struct):
    """One alert of one start of a node, from `since` to `until`, UTC epoch seconds; without `until` it still fires.

    Rows of `models.Alert` hold them as JSON, so these names are those in the database.

    `ended` says why it is over if its value did not come down. `severity` is the highest so far. Of an alert about many
    clients, `counts` are the moments at which their number changed, and the number from then on.
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
    counts: list[tuple[float, float]] = []

    @property
    def is_below(self) -> bool:
        """Whether its rule compares BELOW: then the peak is the lowest value. Counts and durations never are."""
        return not self.grouped and not self.reason and self.value < self.threshold

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
        self.last_at = None if self.last_at is None else self.last_at + seconds
        self.counts = [(at + seconds, count) for at, count in self.counts]
        return True

    def count_at(self, moment: float) -> float:
        """How many clients an alert about many was about at the moment."""
        return next((count for at, count in reversed(self.counts) if at <= moment), self.value)

    def go_on(self, record: AlertRecord) -> None:
        """Takes what its node says of it while it fires, or at its end."""
        if record.reason == self.reason:
            self.peak = (min if self.is_below else max)(self.peak, record.peak)
        else:
            # Its values are now of another kind.
            self.reason, self.message = record.reason, record.message
            self.value, self.threshold, self.peak = record.value, record.threshold, record.peak
        self.severity = highest((self.severity, record.severity))
        self.flapping |= record.flapping
        is_told = record.rule or record.last is not None  # older releases do not say what the value is
        if is_told and (self.last_at is None or record.at >= self.last_at):
            self.last, self.last_at = record.last, record.at
            if record.grouped:
                self._count(record)

    def _count(self, record: AlertRecord) -> None:
        self.examples = record.examples or self.examples
        if record.last is not None and record.last != (self.counts[-1][1] if self.counts else None):
            thinned = self.counts[::2] if len(self.counts) >= MOST_COUNTS else self.counts
            self.counts = [*thinned, (record.at, record.last)]


def highest(severities: Iterable[str]) -> str:
    """The highest of these severities; one that this release does not know is lower than all others."""
    return max(severities, key=lambda severity: RANKS.get(severity, 0))


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
    def latest(self) -> NodeAlert:
        """The one whose value is known of the latest moment; of those that fire, if any does."""
        firing = [alert for alert in self.alerts if alert.until is None]
        return max(firing or self.alerts, key=lambda alert: (alert.last_at or -math.inf, alert.since, alert.boot))

    @property
    def peak(self) -> float:
        return (min if self.first.is_below else max)(alert.peak for alert in self.alerts)

    @property
    def severity(self) -> str:
        return highest(alert.severity for alert in self.alerts)


_WEIGHT = {"": 0, **dict.fromkeys(SILENT, 2)}


def episodes(alerts: Iterable[NodeAlert]) -> list[AlertEpisode]:
    """The episodes of all nodes' alerts of one rule and subject, in order of time: alerts that overlap or touch are
    one, unless a person or a changed rule has ended the one before."""
    found: list[list[NodeAlert]] = []
    reached, is_final = -math.inf, False
    for alert in sorted(alerts, key=lambda alert: (alert.since, alert.node, alert.boot)):
        if alert.since < reached or (alert.since == reached and not is_final):
            found[-1].append(alert)
        else:
            found.append([alert])
        if alert.end >= reached:
            reached, is_final = alert.end, alert.ended in FINAL
    return [AlertEpisode(together) for together in found]


def take(alerts: list[NodeAlert], record: AlertRecord, *, boot: str, node: str, host: str) -> bool:
    """Updates the alerts of one rule and subject from one node's record; returns whether that changed any.

    A node's records come in order. If the beginning was lost, an older release does not say when it was. What a person
    has ended stays so, also for nodes whose alert had begun by then and arrives later.
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
        alert = _begun(record, since, boot=boot, node=node, host=host)
        by_hand = [one.end for one in alerts if one.ended == BY_HAND and one.since <= since < one.end]
        alerts.append(alert)
        if by_hand:
            alert.close(max(by_hand), BY_HAND)
    elif alert.until is not None:
        return False
    alert.go_on(record)
    if record.state == "resolved" and alert.until is None:
        alert.close(record.at, record.ended)
    return True


def _begun(record: AlertRecord, since: float, *, boot: str, node: str, host: str) -> NodeAlert:
    return NodeAlert(
        boot, node, host, since, record.severity, record.message, record.value, record.threshold, record.peak,
        grouped=record.grouped, examples=record.examples, flapping=record.flapping, reason=record.reason,
        counts=[(since, record.value)] if record.grouped else [],
    )  # fmt: skip
