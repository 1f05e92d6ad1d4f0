"""The state machine of one alert. It alone decides when an alert fires and ends: live, for fleet rules, in backtests.

    inactive ──breach──▶ pending ──for_seconds──▶ firing ◀──▶ recovering ──keep_firing_seconds──▶ resolved

It is pure: `step` takes a state, an observation, a rule and the time, and returns the next state. All times are seconds
of one clock that does not jump; where the clock was set, `AlertState.moved` follows it.
"""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from monitoring.core.alert_rules import NoData, Rule
from monitoring.core.records import CLIENT_GONE, NOT_MEASURED

FLAPS, FLAP_SECONDS, CALM_SECONDS = 3, 600.0, 300.0
"""An alert that fires for this many times within so many seconds is flapping; it ends after so many calm seconds."""

LEAST_GAP, GAP_INTERVALS = 10.0, 3.0
"""Observations that are farther apart than this, in seconds and in intervals, were interrupted."""

ROUNDING = 1e-3
"""Seconds by which times may differ that are meant to be the same."""

NO_DATA, ERROR = "no data", "error"
"""Why an alert fires whose value is unknown."""


class Phase(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"


INACTIVE, PENDING, FIRING, RECOVERING, RESOLVED = Phase
"""Python 3.11 takes longer to find a member in its class than `step` for what is calm."""


class Observation(msgspec.Struct, frozen=True):
    """What is known of a value at one moment: None if nothing is, and the `error` if it could not be read.

    `gone` means that nothing is left that has such a value, as when the last client has left: that is calm. The next
    observation is expected an `interval` later, in seconds.
    """

    value: float | None = None
    error: str = ""
    interval: float = 1.0
    gone: bool = False

    @property
    def known(self) -> float | None:
        """The value, None also if it is no number that anybody can have measured."""
        return self.value if self.value is not None and math.isfinite(self.value) else None


class AlertState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `step` remembers of one alert; times are those that were given as `now`.

    `since` is when a pending alert's breach began, when a firing or recovering one began to fire, when a resolved one
    ended. `value` is the last one, None while unknown, and `peak` the worst since the breach began. If it fires because
    nothing is known, `reason` says so ("no data" or "error"), and both are for how many seconds. `ended` says why it
    was resolved if its value did not come back. `firings` are the beginnings within the last ten minutes.
    """

    phase: Phase = INACTIVE
    since: float = 0.0
    value: float | None = None
    peak: float | None = None
    reason: str = ""
    ended: str = ""
    flapping: bool = False
    breached_at: float = 0.0
    """When it was last not calm."""
    known_at: float = 0.0
    """When its value was last known, or when watching it began anew."""
    seen_at: float | None = None
    """When it was last observed."""
    firings: tuple[float, ...] = ()

    @property
    def fires(self) -> bool:
        return self.phase is FIRING or self.phase is RECOVERING

    def moved(self, seconds: float) -> AlertState:
        """The same state after the clock was set by so many seconds."""
        return _with(
            self,
            since=self.since + seconds,
            breached_at=self.breached_at + seconds,
            known_at=self.known_at + seconds,
            seen_at=None if self.seen_at is None else self.seen_at + seconds,
            firings=tuple(at + seconds for at in self.firings),
        )


def step(state: AlertState, observation: Observation, rule: Rule, now: float) -> AlertState:
    """The state after one observation.

    After an interruption, as when the monitor itself was down, `for_seconds`, `keep_firing_seconds` and
    `no_data_seconds` begin anew: nobody knows what the value was meanwhile.
    """
    value = observation.known
    if value is not None and not state.firings and not state.fires and not rule.is_breach(value):
        return AlertState(value=value, known_at=now, seen_at=now)  # as below, for what is nearly always so
    state = _seen(state, observation, now)
    if value is None and not observation.gone:
        return _unknown(state, observation, rule, now)
    if state.fires and state.reason:
        return _known_again(state, value, rule, now)
    state = _with(state, value=value, known_at=now)
    if state.fires:
        return _goes_on(state, value, rule, now)
    if value is None or not rule.is_breach(value):
        return _inactive(state)
    return _breached(state, value, rule, now)


def _seen(state: AlertState, observation: Observation, now: float) -> AlertState:
    """The state at `now`; after a gap it waits anew."""
    if state.phase is RESOLVED:
        state = _inactive(state)
    before = state.seen_at
    if before is None:
        return _with(state, seen_at=now, known_at=now)
    firings = state.firings
    if firings and now - firings[0] > FLAP_SECONDS + ROUNDING:
        firings = tuple(at for at in firings if now - at <= FLAP_SECONDS + ROUNDING)
    gap = max(LEAST_GAP, GAP_INTERVALS * observation.interval)
    if -ROUNDING <= now - before <= gap + ROUNDING:
        return _with(state, seen_at=now, firings=firings)
    since = now if state.phase is PENDING else min(state.since, now)
    return _with(state, seen_at=now, known_at=now, breached_at=now, since=since, firings=firings)


def _unknown(state: AlertState, observation: Observation, rule: Rule, now: float) -> AlertState:
    unknown_for = now - state.known_at
    state = _with(state, value=None)
    is_long = unknown_for >= rule.no_data_seconds - ROUNDING
    if state.fires:
        if state.reason:
            reason = ERROR if observation.error else NO_DATA
            peak = max(unknown_for, state.peak or 0.0)
            return _with(state, phase=FIRING, reason=reason, breached_at=now, value=unknown_for, peak=peak)
        # A value that comes and goes is no reason for more episodes either.
        is_long = is_long and (not state.flapping or unknown_for >= CALM_SECONDS - ROUNDING)
        return _resolved(state, now, NOT_MEASURED) if is_long and rule.no_data is NoData.RESOLVE else state
    if not is_long or rule.no_data is NoData.KEEP:
        return state
    if rule.no_data is NoData.RESOLVE:
        return _inactive(state)
    reason = ERROR if observation.error else NO_DATA
    return _firing(_with(state, reason=reason, value=unknown_for, peak=unknown_for), now)


def _known_again(state: AlertState, value: float | None, rule: Rule, now: float) -> AlertState:
    """An alert that fires because nothing was known. Its figures are seconds, so a breach is another alert."""
    is_breach = value is not None and rule.is_breach(value)
    state = _with(state, known_at=now, value=0.0)
    if is_breach or _is_calm_enough(state, rule, now):
        return _resolved(state, now)
    return _with(state, phase=RECOVERING)


def _goes_on(state: AlertState, value: float | None, rule: Rule, now: float) -> AlertState:
    """An alert that fires, and whose value is known or gone."""
    if value is not None:
        state = _with(state, peak=value if state.peak is None else rule.worst(state.peak, value))
        if not rule.is_calm(value):
            return _with(state, phase=FIRING, breached_at=now)
    if _is_calm_enough(state, rule, now):
        return _resolved(state, now, CLIENT_GONE if value is None else "")
    return _with(state, phase=RECOVERING)


def _breached(state: AlertState, value: float, rule: Rule, now: float) -> AlertState:
    is_pending = state.phase is PENDING
    since = state.since if is_pending else now
    peak = rule.worst(state.peak, value) if is_pending and state.peak is not None else value
    state = _with(state, phase=PENDING, since=since, peak=peak, breached_at=now, reason="", ended="")
    return _firing(state, now) if now - since >= rule.for_seconds - ROUNDING else state


def _is_calm_enough(state: AlertState, rule: Rule, now: float) -> bool:
    needed = max(CALM_SECONDS, rule.keep_firing_seconds) if state.flapping else rule.keep_firing_seconds
    return now - state.breached_at >= needed - ROUNDING


def _firing(state: AlertState, now: float) -> AlertState:
    firings = (*state.firings, now)[-FLAPS:]
    return _with(
        state,
        phase=FIRING,
        since=now,
        breached_at=now,
        ended="",
        flapping=len(firings) == FLAPS,
        firings=firings,
    )


def _resolved(state: AlertState, now: float, ended: str = "") -> AlertState:
    return _with(state, phase=RESOLVED, since=now, ended=ended)


def _inactive(state: AlertState) -> AlertState:
    return AlertState(value=state.value, known_at=state.known_at, seen_at=state.seen_at, firings=state.firings)


_with = msgspec.structs.replace
