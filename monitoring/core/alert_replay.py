"""Replays one alert over what was measured: by the state machine that decides live, second by second where seconds are
known, and over whole minutes else.

In a stretch of one value only some seconds decide anything: the first, and those at which a time is over. Only they are
shown to the state machine, so that a month takes a second.
"""

from __future__ import annotations

from monitoring.core.alert_course import IDLE, TOGETHER, Course
from monitoring.core.alert_rules import NoData, Rule
from monitoring.core.alert_state import Observation, Phase
from monitoring.core.minute_levels import BREACH, MinuteLevels, Run, courses, zones_of
from monitoring.core.records import NODE_GONE

SILENT_SECONDS = 90.0
"""A node that was not heard for this long is gone: its alerts end with its last sign of life."""


class Replay:
    """One start of a node, or all nodes together, in three courses: the likely one, and the two that bound it.

    They are one until a minute leaves something open.
    """

    __slots__ = ("_bounds", "_waiting", "_zone", "every", "is_unbounded", "likely", "open_minutes", "rule", "who")

    def __init__(self, rule: Rule, who: tuple[str, str, str]) -> None:
        self.rule, self.who = rule, who
        self._zone = zones_of(rule)
        self.likely = Course(rule, who, self._zone)
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
        if self._waiting is not None:
            return False
        return all(course.state.phase in IDLE for course in self.every)

    @property
    def is_burning(self) -> bool:
        """Whether a minute without calm can be passed over, if it follows at once."""
        return self._waiting is None and all(course.is_burning for course in self.every)

    @property
    def reached(self) -> float:
        return self.likely.reached

    def observe(self, observation: Observation, at: float) -> None:
        """One observation of a single interval."""
        self._settle(after=None)
        for course in self.every:
            course.observe(observation, at)

    def pass_over(self, until: float, worst: float | None = None) -> None:
        """A minute without a breach while it `is_idle`, or without calm while it `is_burning`."""
        for course in self.every:
            course.pass_over(until, worst)

    def minute(self, levels: MinuteLevels) -> None:
        """A minute that follows the previous ones; one that leaves something open is decided when the next is known."""
        if self._waiting is not None:
            self._settle(after=levels)
        self._waiting = levels
        if levels.average is None or len({*levels.zones(self._zone)}) == 1:
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
        calmest, worst = levels.zones(self._zone)
        if worst < BREACH and self.is_idle:
            self.pass_over(levels.ended)
        elif calmest == worst:
            value = levels.worst(self._zone)
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
            after=is_next and after is not None and after.zones(self._zone)[0] == BREACH,
            fires=self.most.state.fires,
        )
        if not found.is_certain:
            self.open_minutes.add(int(levels.began // 60 * 60))
        for course, runs in zip(self.every, found, strict=True):
            _follow(course, runs, levels)

    def _unknown(self, levels: MinuteLevels) -> None:
        """A minute in which nothing was known: each of its seconds counts until it ended or fires for that reason."""
        for course in self.every:
            if course.state.phase in IDLE and (levels.gone or self.rule.no_data is not NoData.FIRE):
                course.pass_over(levels.ended)
                continue
            for number in range(1, levels.seconds + 1):
                course.observe(Observation(gone=levels.gone), levels.began + number * levels.pace)


def _follow(course: Course, runs: list[Run], levels: MinuteLevels) -> None:
    start, pace = levels.began, levels.pace
    for value, length in runs:
        if length:
            course.run(value, start, length, pace)
            start += length * pace
