"""Collects ticks into batches: decides when one is full, and which number it gets."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping

import msgspec

from monitoring.core.client_steps import StepGroup, encode_steps
from monitoring.core.own_gauges import GaugeReading
from monitoring.core.records import VERSION, AlertRecord, Batch, ClockJump, SessionRecord
from monitoring.core.stats.sample import Sample
from monitoring.core.tick import Tick

BATCH_SECONDS = 5.0
MAX_SESSIONS = 1_000
MINUTE = 60
MOST_RUNS = 50


class Batcher:
    """Collects one boot's ticks.

    A batch is full after `seconds`, at the end of each minute (so that the minute can be stored three seconds later),
    with a thousand sessions, and at once when an alert begins or ends. When the clock is set, a batch ends, and the
    next one is full a tick later. What firing alerts report comes with the next batch. The last tick's batch is full,
    and says that the node is leaving. The first batch since `versions` are known, which is usually a boot's first,
    carries them.
    """

    def __init__(
        self,
        node: str,
        boot: str,
        host: str,
        seconds: float = BATCH_SECONDS,
        versions: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._node, self._boot, self._host = node, boot, host
        self._seconds = seconds
        self._seq = 0
        self._samples: list[Sample] = []
        self._sessions: list[SessionRecord] = []
        self._alerts: list[AlertRecord] = []
        self._peaks: dict[tuple[str, str], AlertRecord] = {}
        self._jumps: list[ClockJump] = []
        self._renewed: list[int] = []
        self._leaving = False
        self._told = ReportedMinutes()
        self._gauges: list[GaugeReading] = []
        self._steps: list[StepGroup] = []
        self._versions = versions
        self._told_versions = False

    def add(self, tick: Tick, *, merge: bool = False) -> Batch | None:
        """The batch that this tick fills, if any; if merged, its samples are one, and it has no steps of clients."""
        # What was measured before the clock was set must not be merged with what comes after.
        before = self.close(merge=merge) if tick.jumped else None
        sample, renewed = self._told.place(tick.sample, jumped=bool(tick.jumped))
        if tick.jumped:
            self._jumps.append(ClockJump(tick.timestamp, tick.jumped))
        if renewed is not None:
            self._renewed.append(renewed)
        self._samples.append(sample)
        self._sessions += tick.sessions
        self._alerts += tick.alerts
        self._gauges = tick.gauges
        self._peaks |= {alert.key: alert for alert in tick.peaks}
        self._leaving = tick.last
        if tick.steps is not None and not merge:
            self._steps.append(tick.steps)
        if before is not None:
            return before
        return self.close(merge=merge) if self._is_full(sample) else None

    def close(self, *, merge: bool = False) -> Batch | None:
        """The batch of everything collected; None if there is nothing."""
        if not self._samples:
            return None
        self._seq += 1
        samples = [sum(self._samples[1:], start=self._samples[0])] if merge else self._samples
        alerts = [*self._peaks.values(), *self._alerts]
        batch = Batch(
            self._node, self._boot, self._host, self._seq, samples, self._sessions, alerts,
            jumps=self._jumps, renewed=self._renewed, leaving=self._leaving, says_when_leaving=True, version=VERSION,
            gauges=[gauge.description() for gauge in self._gauges], versions=self._new_versions(),
            client_steps=encode_steps(self._steps),
        )  # fmt: skip
        self._samples, self._sessions, self._alerts, self._jumps, self._renewed = [], [], [], [], []
        self._peaks, self._steps = {}, []
        return batch

    def _new_versions(self) -> dict[str, str]:
        found = {} if self._told_versions else dict(self._versions())
        self._told_versions |= bool(found)
        return found

    def _is_full(self, sample: Sample) -> bool:
        end = round(sample.start + sample.seconds, 3)
        return (
            bool(self._alerts or self._jumps)
            or self._leaving
            or end % MINUTE == 0
            or end - self._samples[0].start >= self._seconds
            or len(self._sessions) >= MAX_SESSIONS
        )


class ReportedMinutes:
    """The minutes of this boot, as runs without a jump of the clock; the last fifty of them."""

    def __init__(self) -> None:
        self._runs: deque[list[int]] = deque(maxlen=MOST_RUNS)
        self._until = -math.inf

    def place(self, sample: Sample, *, jumped: bool) -> tuple[Sample, int | None]:
        """The sample as it is to be sent, and the minute's start if it occurs again and what was sent about it is void.

        If the clock was set back within a minute, no second of it is covered twice: repeated seconds are counted after
        the sent ones.
        """
        minute = math.floor(sample.start / MINUTE)
        within = bool(self._runs) and minute == self._runs[-1][1]
        if within and sample.start < self._until - 1e-3:
            length = max(0.0, sample.until - self._until)
            start = self._until if length else min(self._until, (minute + 1) * MINUTE - 1e-3)
            self._until = max(self._until, sample.until)
            return msgspec.structs.replace(sample, start=round(start, 3), seconds=round(length, 3), end=None), None
        self._until = sample.until
        if within:
            return sample, None
        again = any(first <= minute <= last for first, last in self._runs)
        if self._runs and not jumped and minute >= self._runs[-1][1]:
            self._runs[-1][1] = minute
        else:
            self._runs.append([minute, minute])
        return sample, minute * MINUTE if again else None
