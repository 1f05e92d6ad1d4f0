"""Replays one alert over what was measured: by the state machine that decides live, second by second where seconds are
known, and over whole minutes else.

In a stretch of one value only some seconds decide anything: the first, and those at which a time is over. Only they are
shown to the state machine, so that a month takes a second.
"""

from __future__ import annotations

import math

import msgspec

from monitoring.core.alert_episodes import NodeAlert
from monitoring.core.alert_rules import NoData, Rule
from monitoring.core.alert_state import CALM_SECONDS, ROUNDING, AlertState, Observation, Phase, step
from monitoring.core.minute_levels import BREACH, CALM, MinuteLevels, Run, courses, zone
from monitoring.core.records import NODE_GONE

TOGETHER = 10.0
"""Seconds between two observations that were not interrupted."""

SILENT_SECONDS = 90.0
"""A node that was not heard for this long is gone: its alerts end with its last sign of life."""

IDLE = frozenset({Phase.INACTIVE, Phase.RESOLVED})


class Course:
    """One alert of one start of a node, and its episodes so far. It was observed until `reached`."""

    __slots__ = ("alerts", "reached", "rule", "state", "who", "worst")

    def __init__(self, rule: Rule, who: tuple[str, str, str]) -> None:
        self.rule = rule
        self.who = who  # boot, node and host
        self.state = AlertState()
        self.reached = 0.0
        self.worst: float | None = None
        """The worst value that was passed over, and is not yet the peak."""
        self.alerts: list[NodeAlert] = []

    def copy(self) -> Course:
        other = Course(self.rule, self.who)
        other.state, other.reached, other.worst = self.state, self.reached, self.worst
        other.alerts = [msgspec.structs.replace(alert) for alert in self.alerts]
        return other

    @property
    def is_idle(self) -> bool:
        """Whether only a breach changes anything."""
        return self.state.phase in IDLE

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
        where, end, number = zone(self.rule, value), start + length * pace, 0
        is_together = start - self.reached <= TOGETHER
        while number < length:
            if self.is_idle and where < BREACH:
                return self.pass_over(end)
            if is_together and self.is_burning and where > CALM:
                return self.pass_over(end, value)
            due = self._due(where) if is_together else -math.inf
            following = max(number + 1, math.ceil((due - ROUNDING - start) / pace)) if due > start else number + 1
            if following > length:
                return self.pass_over(end, value if self.state.fires else None)
            if following > number + 1:
                self.pass_over(start + (following - 1) * pace)
            number, is_together = following, True
            self.observe(Observation(value), start + number * pace)
        return None

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


class Replay:
    """One start of a node, or all nodes together, in three courses: the likely one, and the two that bound it.

    They are one until a minute leaves something open.
    """

    __slots__ = ("_bounds", "_waiting", "every", "is_unbounded", "likely", "open_minutes", "rule", "who")

    def __init__(self, rule: Rule, who: tuple[str, str, str]) -> None:
        self.rule, self.who = rule, who
        self.likely = Course(rule, who)
        self.every: tuple[Course, ...] = (self.likely,)
        self.open_minutes: set[int] = set()
        """The starts of minutes that left something open, UTC epoch seconds."""
        self.is_unbounded = False
        """Whether it was decided from minutes of which only the average is known."""
        self._bounds: tuple[Course, Course] | None = None
        self._waiting: MinuteLevels | None = None

    @property
    def least(self) -> Course:
        """The course in which it fires for the shortest time."""
        return self._bounds[0] if self._bounds else self.likely

    @property
    def most(self) -> Course:
        """The course in which it fires for the longest time."""
        return self._bounds[1] if self._bounds else self.likely

    @property
    def is_idle(self) -> bool:
        """Whether a minute without a breach can be passed over."""
        return self._waiting is None and all(course.is_idle for course in self.every)

    def observe(self, observation: Observation, at: float) -> None:
        """One observation of a single interval."""
        self._settle(after=None)
        for course in self.every:
            course.observe(observation, at)

    def pass_over(self, until: float) -> None:
        """A minute without a breach, while it `is_idle`."""
        for course in self.every:
            course.reached = until

    def minute(self, levels: MinuteLevels) -> None:
        """A minute that follows the previous ones; one that leaves something open is decided when the next is known."""
        self._settle(after=levels)
        self._waiting = levels
        if levels.average is None or levels.zones(self.rule)[0] == levels.zones(self.rule)[1]:
            self._settle(after=None)

    def finish(self, end: float) -> None:
        """Nothing follows. If the node was not heard at the end, its alerts ended with it."""
        self._settle(after=None)
        for course in self.every:
            course.catch_up()
            if end - course.reached > SILENT_SECONDS and course.state.fires:
                course.alerts[-1].close(course.reached, NODE_GONE)

    def _settle(self, after: MinuteLevels | None) -> None:
        levels, self._waiting = self._waiting, None
        if levels is None:
            return
        if levels.average is None:
            self._unknown(levels)
            return
        self.is_unbounded |= levels.low is None
        calmest, worst = levels.zones(self.rule)
        if worst < BREACH and self.is_idle:
            self.pass_over(levels.ended)
        elif calmest == worst:
            value = levels.worst(self.rule)
            assert value is not None
            for course in self.every:
                course.run(value, levels.began, levels.seconds, levels.pace)
        else:
            self._decide(levels, after)

    def _decide(self, levels: MinuteLevels, after: MinuteLevels | None) -> None:
        if self._bounds is None:
            self._bounds = self.likely.copy(), self.likely.copy()
            self.every = (self.likely, *self._bounds)
        is_next = after is not None and after.average is not None and after.began - levels.ended <= TOGETHER
        found = courses(
            levels,
            self.rule,
            before=self.likely.state.phase in (Phase.PENDING, Phase.FIRING),
            after=is_next and after is not None and after.zones(self.rule)[0] == BREACH,
            fires=self.most.state.fires,
        )
        if not found.is_certain:
            self.open_minutes.add(int(levels.began // 60 * 60))
        for course, runs in zip(self.every, found, strict=True):
            _follow(course, runs, levels)

    def _unknown(self, levels: MinuteLevels) -> None:
        """A minute in which nothing was known: each of its seconds counts until it ended or fires for that reason."""
        for course in self.every:
            if course.is_idle and (levels.gone or self.rule.no_data is not NoData.FIRE):
                course.pass_over(levels.ended)
                continue
            for number in range(1, levels.seconds + 1):
                course.observe(Observation(gone=levels.gone), levels.began + number * levels.pace)


def _follow(course: Course, runs: list[Run], levels: MinuteLevels) -> None:
    start = levels.began
    for value, length in runs:
        course.run(value, start, length, levels.pace)
        start += length * levels.pace
