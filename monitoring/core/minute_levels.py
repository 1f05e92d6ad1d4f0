"""What a stored minute says about its seconds: how a rule's value can have gone, second by second.

Of a minute only the lowest, the highest and the average are known. If all of them lie on one side of a rule's lines,
nothing about the rule depends on the rest. Otherwise one course is likely, and two others are bounds: whatever really
happened, an alert fired at least as long as in the one and at most as long as in the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from monitoring.core.alert_rules import Rule

CALM, BETWEEN, BREACH = 0, 1, 2
"""Where a value lies: where a firing alert may end, where nothing changes, and where one may begin."""


Zone = Callable[[float], int]


def zones_of(rule: Rule) -> Zone:
    """Where values lie by a rule. It is asked a million times, so the rule is looked at once."""
    enter, leave = rule.threshold, rule.exit_threshold
    if rule.is_above:
        return lambda value: BREACH if value > enter else CALM if value <= leave else BETWEEN
    return lambda value: BREACH if value < enter else CALM if value >= leave else BETWEEN


class MinuteLevels(NamedTuple):
    """One rule's value in the measured `seconds` of a minute, which lie from `began` to `ended`, UTC epoch seconds.

    All values are None if nothing was known; without `low` and `high`, only the average is. They are `attained` if
    there was a second with that very value, or else bounds. The average is `even` if every second counts alike in it.
    It is `gone` if nothing was there that could have had a value, such as a client.
    """

    began: float
    ended: float
    seconds: int
    average: float | None
    low: float | None = None
    high: float | None = None
    attained: bool = True
    even: bool = True
    gone: bool = False

    def zones(self, zone: Zone) -> tuple[int, int]:
        """Where its calmest and its worst value lie; both are that of the average if only this is known."""
        if self.low is None or self.high is None:
            assert self.average is not None
            one = zone(self.average)
            return one, one
        one, other = zone(self.low), zone(self.high)
        return (one, other) if one <= other else (other, one)

    def worst(self, zone: Zone) -> float:
        """The worst value, if one was known."""
        if self.low is None or self.high is None:
            assert self.average is not None
            return self.average
        return self.high if zone(math.inf) == BREACH else self.low

    @property
    def pace(self) -> float:
        """Seconds from one measured second to the next: evenly spread if some were not measured."""
        return (self.ended - self.began) / self.seconds


class Side(NamedTuple):
    """A minute's values turned so that more is worse, for a rule of either comparison."""

    seconds: int
    low: float
    average: float
    high: float
    attained: bool
    even: bool

    def most_above(self, line: float) -> int:
        """In how many seconds the value can have been above the line: more would have raised the average."""
        if self.high <= line:
            return 0
        if self.low > line:
            return self.seconds
        share = (self.average - self.low) / (line - self.low) if self.even and line > self.low else 1.0
        # A second at the lowest value, or one that is not above the average, was not above the line.
        beside = self.attained or self.average <= line
        return min(self.seconds - beside, math.floor(self.seconds * share + 1e-9))

    def fewest_above(self, line: float) -> int:
        """In how many seconds it was above the line for certain."""
        if self.low > line:
            return self.seconds
        if self.high <= line:
            return 0
        share = (self.average - line) / (self.high - line) if self.even else 0.0
        there = self.attained or self.average > line
        return max(int(there), math.ceil(self.seconds * share - 1e-9))


Run = tuple[float, int]
"""A value, and for how many seconds in a row it was that."""


class Courses(NamedTuple):
    """How a value may have gone in a minute: as is likely, and so that an alert fires for the least and most time."""

    likely: list[Run]
    least: list[Run]
    most: list[Run]

    @property
    def is_certain(self) -> bool:
        return self.likely == self.least == self.most


def courses(levels: MinuteLevels, rule: Rule, *, before: bool, after: bool, fires: bool) -> Courses:
    """The courses of a minute whose values lie on both sides of a line of the rule.

    `before` and `after` say whether the value is a breach in the seconds next to it, `fires` whether an alert may be
    firing when it begins. The likely course has seconds at the lowest and at the highest value, as many of each as give
    the average, and those at the worse value lie together, at the side of another breach if there is one. Where seconds
    do not count alike in the average, each has the average.
    """
    assert levels.average is not None
    assert levels.low is not None
    assert levels.high is not None
    sign = 1.0 if rule.is_above else -1.0
    low, high = sorted((sign * levels.low, sign * levels.high))
    side = Side(levels.seconds, low, sign * levels.average, high, levels.attained, levels.even)
    enter, leave = sign * rule.threshold, sign * rule.exit_threshold
    found = (
        _likely(side, enter, before=before, after=after),
        _least(side, rule, enter, leave),
        _most(side, rule, enter, leave, fires=fires),
    )
    if rule.is_above:
        return Courses(*found)
    return Courses(*([(-value, length) for value, length in runs] for runs in found))


def _likely(side: Side, enter: float, *, before: bool, after: bool) -> list[Run]:
    if not side.even or side.high <= side.low:
        return [(side.average, side.seconds)]
    share = (side.average - side.low) / (side.high - side.low)
    high = min(max(round(side.seconds * share), side.fewest_above(enter)), side.most_above(enter))
    return _placed(side, high, before=before, after=after)


def _placed(side: Side, high: int, *, before: bool, after: bool) -> list[Run]:
    """So many seconds at the highest value, beside another breach or in the middle; the others at the lowest."""
    rest = side.seconds - high
    if before and after:
        return [(side.high, high - high // 2), (side.low, rest), (side.high, high // 2)]
    first = 0 if before else rest if after else rest // 2
    return [(side.low, first), (side.high, high), (side.low, rest - first)]


def _least(side: Side, rule: Rule, enter: float, leave: float) -> list[Run]:
    """All seconds at the lowest value, except breaches that fire by themselves and keep nothing else firing."""
    is_counted = side.low < leave and not rule.for_seconds and not rule.keep_firing_seconds
    # One less: where the range ends, the last of them begins what has no time to last.
    certain = max(0, side.fewest_above(enter) - 1) if is_counted else 0
    return _placed(side, certain if certain <= side.seconds - 2 else 0, before=False, after=False)


def _most(side: Side, rule: Rule, enter: float, leave: float, *, fires: bool) -> list[Run]:
    """Breaches at both ends, where they join those of the minutes beside it, and for as long as they can keep an alert
    firing."""
    high = side.most_above(enter)
    reach = high
    if fires or high >= rule.for_seconds:
        reach = math.ceil(side.most_above(leave) * (1 + rule.keep_firing_seconds))
    if reach + high >= side.seconds:
        return [(side.high, side.seconds)]
    return [(side.high, reach), (side.low, side.seconds - reach - high), (side.high, high)]
