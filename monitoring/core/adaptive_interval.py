"""How often the monitor can afford to measure: its interval grows while its CPU exceeds the budget."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Sequence

from monitoring.core.meter import Cost, CostReading

logger = logging.getLogger(__name__)

METRICS_INTERVAL = 1.0
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.1, 60.0
CPU_BUDGET = 1.0
LEAST_BUDGET, MOST_BUDGET = 0.01, 100.0
MARGIN = 0.7
"""The share of the budget that a shorter interval must fit into before the monitor returns to it."""

MOST_TICKS, FEWEST_TICKS, WINDOW_SECONDS = 10, 3, 30.0

PARTS_OF_A_MINUTE = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0)
"""Intervals that divide a minute, so that no sample lies in two stored minutes; each at most twice the last one."""


def ladder(interval: float) -> tuple[float, ...]:
    """The intervals that a monitor may have: its own, then about twice as long with each step, up to 60 s."""
    steps = [interval]
    while steps[-1] < LONGEST_INTERVAL:
        steps.append(max(part for part in PARTS_OF_A_MINUTE if part <= 2 * steps[-1]))
    return tuple(steps)


def percent(cpu_ms: float, interval: float) -> float:
    """The share of one core that a tick of this many milliseconds every `interval` seconds takes."""
    return cpu_ms / (interval * 10)


def next_interval(steps: Sequence[float], current: float, cpu_ms: float, budget: float) -> float:
    """One step up the ladder while ticks of `cpu_ms` exceed the budget (percent of a core), one down when they would
    fit.

    A tick is assumed to cost as much at a shorter interval, which is the worst case. So a load that has stretched the
    interval does not fit the shorter one, and nothing oscillates.
    """
    at = steps.index(current)
    if percent(cpu_ms, current) > budget:
        return steps[min(at + 1, len(steps) - 1)]
    if at > 0 and percent(cpu_ms, steps[at - 1]) <= budget * MARGIN:
        return steps[at - 1]
    return current


def ticks_to_decide(interval: float) -> int:
    """How many ticks show a lasting load: ten, but no more than half a minute of them, and at least three."""
    return max(FEWEST_TICKS, min(MOST_TICKS, math.ceil(WINDOW_SECONDS / interval)))


class AdaptiveInterval:
    """The interval that a monitor keeps: `wanted` seconds, or longer while its CPU exceeds `budget` percent of a core.

    `cpu_percent` is the mean of the last ticks at this interval, None before the first.
    """

    def __init__(self, wanted: float, budget: float) -> None:
        self.budget = budget
        self.interval = wanted
        self.cpu_percent: float | None = None
        self._steps = ladder(wanted)
        self._spent: deque[float] = deque()

    @property
    def stretched(self) -> bool:
        return self.interval > self._steps[0]

    def settle(self, tick: CostReading) -> Cost:
        """Takes the cost of one tick, after which `interval` may change; None before the first tick."""
        if tick.cpu_ms:
            self._spend(tick.cpu_ms)
        return Cost(
            cpu_ms=tick.cpu_ms,
            cpu_percent=self.cpu_percent,
            budget_percent=self.budget,
            tick_lag_ms=tick.tick_lag_ms,
            loop_lag_ms=tick.loop_lag_ms,
            bytes_broadcast=tick.bytes_broadcast,
            interval=self.interval,
            stretched=self.stretched,
        )

    def _spend(self, cpu_ms: float) -> None:
        self._spent.append(cpu_ms)
        mean = sum(self._spent) / len(self._spent)
        self.cpu_percent = percent(mean, self.interval)
        ticks = ticks_to_decide(self.interval)
        if len(self._spent) < ticks:
            return
        self._change_to(next_interval(self._steps, self.interval, mean, self.budget))
        while len(self._spent) >= ticks:
            self._spent.popleft()

    def _change_to(self, interval: float) -> None:
        if interval == self.interval:
            return
        if interval > self.interval:
            logger.warning(
                "Monitoring takes %.3g %% of a core, over its budget of %g %%: measuring every %g s, not every %g s",
                self.cpu_percent, self.budget, interval, self.interval,
            )  # fmt: skip
        else:
            logger.info("Monitoring is within its budget of %g %% again: measuring every %g s", self.budget, interval)
        self.interval = interval
        self._spent.clear()
