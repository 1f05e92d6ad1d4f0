"""One alert as it goes through seconds of which only some decide anything, shown to the state machine."""

from __future__ import annotations

import math

import msgspec

from monitoring.core.alert_episodes import NodeAlert
from monitoring.core.alert_rules import Rule
from monitoring.core.alert_state import CALM_SECONDS, ROUNDING, AlertState, Observation, Phase, step
from monitoring.core.minute_levels import BREACH, CALM, Zone, zones_of

TOGETHER = 10.0
"""Seconds between two observations that were not interrupted."""

IDLE = frozenset({Phase.INACTIVE, Phase.RESOLVED})


class Course:
    """One alert of one start of a node, and its episodes so far. It was observed until `reached`."""

    __slots__ = ("alerts", "reached", "rule", "state", "who", "worst", "zone")

    def __init__(self, rule: Rule, who: tuple[str, str, str], zone: Zone | None = None) -> None:
        self.rule = rule
        self.zone = zone or zones_of(rule)
        self.who = who  # boot, node and host
        self.state = AlertState()
        self.reached = 0.0
        self.worst: float | None = None
        """The worst value that was passed over, and is not yet the peak."""
        self.alerts: list[NodeAlert] = []

    def copy(self) -> Course:
        other = Course(self.rule, self.who, self.zone)
        other.state, other.reached, other.worst = self.state, self.reached, self.worst
        other.alerts = [msgspec.structs.replace(alert) for alert in self.alerts]
        return other

    @property
    def is_burning(self) -> bool:
        """Whether it fires and only calm changes anything."""
        return self.state.phase is Phase.FIRING and not self.state.reason

    def observe(self, observation: Observation, at: float) -> None:
        """One observation of one moment."""
        self.catch_up()
        before = self.state
        self.state = after = step(before, observation, self.rule, at)
        self.reached = at
        if after.fires:
            if not before.fires:
                self._begin(after, at)
            alert = self.alerts[-1]
            alert.peak = alert.peak if after.peak is None else after.peak
            alert.flapping = after.flapping
        elif before.fires:
            alert = self.alerts[-1]
            alert.peak = alert.peak if after.peak is None else after.peak
            alert.close(at, after.ended)

    def pass_over(self, until: float, worst: float | None = None) -> None:
        """Every second until then was observed, and changed nothing but the peak."""
        self.reached = until
        if worst is not None:
            self.worst = worst if self.worst is None else self.rule.worst(self.worst, worst)

    def run(self, value: float, start: float, length: int, pace: float) -> None:
        """So many seconds of one value after `start`, one each `pace` seconds."""
        where, end, number = self.zone(value), start + length * pace, 0
        is_together = start - self.reached <= TOGETHER
        while number < length:
            phase = self.state.phase
            if where < BREACH and phase in IDLE:
                self.reached = end
                return
            if where > CALM and phase is Phase.FIRING and is_together and not self.state.reason:
                self.pass_over(end, value)
                return
            due = self._due(where) if is_together else -math.inf
            following = number + 1
            if due > start:
                following = max(following, math.ceil((due - ROUNDING - start) / pace))
            if following > length:
                self.pass_over(end, value if self.state.fires else None)
                return
            if following > number + 1:
                self.reached = start + (following - 1) * pace
            number, is_together = following, True
            self.observe(Observation(value), start + number * pace)

    def catch_up(self) -> None:
        """Brings the state to what it would be if what was passed over had been observed."""
        state = self.state
        if state.seen_at is not None and self.reached > state.seen_at:
            is_breach = state.phase in (Phase.FIRING, Phase.PENDING)
            breached = self.reached if is_breach else state.breached_at
            peak = state.peak
            if self.worst is not None and peak is not None and state.phase not in IDLE:
                peak = self.rule.worst(peak, self.worst)
                if state.fires:
                    self.alerts[-1].peak = peak
            self.state = msgspec.structs.replace(
                state, seen_at=self.reached, known_at=self.reached, breached_at=breached, peak=peak
            )
        self.worst = None

    def _due(self, where: int) -> float:
        """When the next time is over if the value stays where it is; minus infinity if the next second decides."""
        state, rule = self.state, self.rule
        if state.phase is Phase.PENDING and where == BREACH:
            return state.since + rule.for_seconds
        if state.phase is Phase.RECOVERING and where == CALM and not state.reason:
            return state.breached_at + max(CALM_SECONDS if state.flapping else 0.0, rule.keep_firing_seconds)
        return -math.inf

    def _begin(self, state: AlertState, at: float) -> None:
        boot, node, host = self.who
        peak = state.peak or 0.0
        value = peak if state.value is None else state.value
        rule = self.rule
        self.alerts.append(
            NodeAlert(boot, node, host, at, rule.severity, "", value, rule.threshold, peak, reason=state.reason)
        )
