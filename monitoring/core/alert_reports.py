"""Builds episodes from what nodes reported about one alert. Pure: the order of the reports does not matter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from monitoring.core.records import NODE_GONE, AlertRecord


class Reported(msgspec.Struct):
    """One alert of one start of a node, from `since` to `until`, UTC epoch seconds; without `until` it still fires.

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

    @property
    def end(self) -> float:
        return math.inf if self.until is None else self.until

    def close(self, until: float, ended: str) -> None:
        self.until, self.ended = max(self.since, until), ended

    def reopen(self) -> None:
        self.until, self.ended = None, ""

    def follow(self, boot: str, seconds: float) -> bool:
        """The clock of a boot was set by this much: its still firing report follows from now on."""
        if self.boot != boot or self.until is not None:
            return False
        self.since += seconds
        return True


class Episode(NamedTuple):
    """From the moment when any node reported an alert to the moment when none did any more."""

    reports: Sequence[Reported]
    """The report that fired first comes first."""

    @property
    def first(self) -> Reported:
        return self.reports[0]

    @property
    def last(self) -> Reported:
        """The report that fired longest; of several, one that says that the value came down."""
        return max(self.reports, key=lambda report: (report.end, -_WEIGHT.get(report.ended, 1)))

    @property
    def peak(self) -> float:
        return max(report.peak for report in self.reports)


_WEIGHT = {"": 0, NODE_GONE: 2}


def episodes(reports: Iterable[Reported]) -> list[Episode]:
    """The episodes of all reports of one metric and subject, in order of time: overlapping or touching reports are
    one."""
    found: list[list[Reported]] = []
    reached = -math.inf
    for report in sorted(reports, key=lambda report: (report.since, report.node, report.boot)):
        if report.since <= reached:
            found[-1].append(report)
        else:
            found.append([report])
        reached = max(reached, report.end)
    return [Episode(together) for together in found]


def take(reports: list[Reported], record: AlertRecord, *, boot: str, node: str, host: str) -> bool:
    """Updates the reports of one metric and subject from one node's record; returns whether that changed any.

    A node's records come in order. If the beginning was lost, an older release does not say when it was.
    """
    own = [report for report in reports if report.boot == boot]
    open_one = next((report for report in own if report.until is None), None)
    since = record.since
    if since is None:
        since = open_one.since if open_one else record.at
        if open_one is None and record.state == "resolved":
            return False
    told = next((report for report in own if report.since == since), None)
    if told is None:
        if open_one is not None:
            # Its end was lost; it was over by now.
            open_one.close(since, "")
        told = Reported(
            boot, node, host, since, record.severity, record.message, record.value, record.threshold, record.peak
        )
        reports.append(told)
    elif told.until is not None:
        return False
    told.peak = max(told.peak, record.peak)
    if record.state == "resolved":
        told.close(record.at, record.ended)
    return True
