"""The alerts of one node: the book of what fires now. An alert goes on from here as follows:

AlertState ─▶ AlertBook ─▶ AlertRecord ─▶ NodeAlert ─▶ AlertEpisode ─▶ Alert
step()        fires it     in a batch     of a node    of all nodes    the row
alert_state   here         records        alert_episodes               models/alert
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from monitoring.core.alert_messages import as_message, foremost
from monitoring.core.alert_rules import Rule
from monitoring.core.alert_state import AlertState, Observation, step
from monitoring.core.records import CLIENT_GONE, SERVER_STOPPED, AlertRecord
from monitoring.core.rescue import Rescue

NOTHING = -math.inf
"""The value when nothing is left to measure: it is below every threshold, and is never a peak."""
Key = tuple[str, str]
MOST_PEAKS = 200
"""Reported in one tick; of more alerts, the others are reported in the next ones."""
WHAT = "the alert handler"


class LastReading(NamedTuple):
    """A firing alert's last value, None while unknown, and which peak was reported when."""

    value: float | None
    reported_peak: float
    reported_at: float


class AlertBook:
    """The alerts of one node: what fires now, by metric and subject, and what changed since `take_changes`."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = dict(rules)
        self.firing: dict[Key, AlertRecord] = {}
        self.beyond = 0
        """Clients whose alert is due, but for which there is no room."""
        self._last: dict[Key, LastReading] = {}
        self._states: dict[Key, AlertState] = {}
        self._changes: list[AlertRecord] = []
        self._peaks: list[AlertRecord] = []

    def observe(self, metric: str, subject: str, value: float | None, now: float, at: float) -> None:
        """Takes one reading of a subject's metric; `now` is for durations, `at` is the UTC timestamp.

        The value is None if it is unknown, and NOTHING if no client is left to measure.
        """
        key = metric, subject
        rule = self.rules[metric]
        if key not in self._states and (value is None or value <= rule.threshold):
            return
        before = self._states.get(key, AlertState())
        observation = Observation(gone=True) if value == NOTHING else Observation(value)
        after = step(before, observation, rule, now)
        if after.is_forgettable:
            self._states.pop(key, None)
        else:
            self._states[key] = after
        if after.fires:
            if before.fires:
                self._goes_on(key, rule, after, value, now, at)
            elif value is not None:
                self._fire(key, rule, after, value, now, at)
        elif before.fires:
            self._resolve(key, at, after.ended)

    @property
    def total(self) -> int:
        """How many are firing, including those beyond the limit."""
        return len(self.firing) + self.beyond

    def subjects(self, metric: str) -> list[str]:
        """The subjects for which a metric's alert is firing."""
        return [subject for name, subject in self.firing if name == metric]

    def end(self, metric: str, subject: str, at: float, ended: str = CLIENT_GONE) -> None:
        """The subject is gone: ends its alert."""
        if self._states.pop((metric, subject), AlertState()).fires:
            self._resolve((metric, subject), at, ended)

    def end_all(self, at: float) -> None:
        """The watch is over: ends all alerts."""
        self.beyond = 0
        for metric, subject in list(self.firing):
            self.end(metric, subject, at, SERVER_STOPPED)

    def move(self, seconds: float) -> None:
        """The clock that stamps alerts was set: what fires began this much later by it."""
        if seconds:
            for alert in self.firing.values():
                alert.at = alert.since = alert.at + seconds

    def take_changes(self) -> list[AlertRecord]:
        """What began or ended since the last call, in order."""
        changes, self._changes = self._changes, []
        return changes

    def take_peaks(self) -> list[AlertRecord]:
        """Firing alerts whose peak has grown since it was last reported; none is reported too often."""
        peaks, self._peaks = self._peaks, []
        return peaks

    def messages(self, node: str) -> list[dict[str, Any]]:
        """The firing alerts in SPEC.md's format, as far as a frame has room for them."""
        shown = foremost(self.firing.values(), lambda alert: (alert.metric, alert.severity, alert.at))
        return [as_message(alert, node, self._last[alert.metric, alert.subject].value) for alert in shown]

    def _fire(self, key: Key, rule: Rule, state: AlertState, value: float, now: float, at: float) -> None:
        metric, subject = key
        message = rule.message.format(value=value, subject=subject)
        alert = AlertRecord(
            metric, subject, "firing", at, rule.severity, message, value, rule.threshold, state.peak or value, since=at
        )
        self.firing[key] = alert
        self._last[key] = LastReading(value, alert.peak, now)
        self._changes.append(msgspec.structs.replace(alert))

    def _goes_on(self, key: Key, rule: Rule, state: AlertState, value: float | None, now: float, at: float) -> None:
        alert, (_, peak, reported_at) = self.firing[key], self._last[key]
        alert.peak = state.peak if state.peak is not None else alert.peak
        if alert.peak > peak and now - reported_at >= rule.peak_seconds and len(self._peaks) < MOST_PEAKS:
            peak, reported_at = alert.peak, now
            self._peaks.append(msgspec.structs.replace(alert, at=at))
        self._last[key] = LastReading(None if value == NOTHING else value, peak, reported_at)

    def _resolve(self, key: Key, at: float, ended: str) -> None:
        del self._last[key]
        self._changes.append(msgspec.structs.replace(self.firing.pop(key), state="resolved", at=at, ended=ended))


class AlertHandler(Protocol):
    """The operator's own code, called once for each alert that begins to fire; it may be a coroutine function."""

    def handle_alert(self, alert: dict[str, Any]) -> Any: ...


class Handling:
    """Calls handlers without waiting for asynchronous ones; their exceptions are counted and logged."""

    def __init__(self, rescue: Rescue) -> None:
        self._rescue = rescue
        self._tasks: set[asyncio.Future[None]] = set()

    def call(self, handler: AlertHandler, alert: dict[str, Any]) -> None:
        with self._rescue.guarding(WHAT):
            outcome = handler.handle_alert(alert)
            if inspect.isawaitable(outcome):
                task = asyncio.ensure_future(self._guarded(outcome))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _guarded(self, outcome: Awaitable[Any]) -> None:
        with self._rescue.guarding(WHAT):
            await outcome
