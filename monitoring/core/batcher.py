"""Collects ticks into batches: decides when one is full, and which number it gets."""

from __future__ import annotations

from monitoring.core.monitor import Tick
from monitoring.core.records import AlertRecord, Batch, ClockJump, SessionRecord
from monitoring.core.sample import Sample
from monitoring.core.told import Told

BATCH_SECONDS = 5.0
MAX_SESSIONS = 1_000
MINUTE = 60


class Batcher:
    """Collects one boot's ticks.

    A batch is full after `seconds`, at the end of each minute (so that the minute can be stored three seconds later),
    with a thousand sessions, and at once when an alert begins or ends. When the clock is set, a batch ends, and the
    next one is full a tick later. Grown peaks come with the next batch.
    """

    def __init__(self, node: str, boot: str, host: str, seconds: float = BATCH_SECONDS) -> None:
        self._node, self._boot, self._host = node, boot, host
        self._seconds = seconds
        self._seq = 0
        self._samples: list[Sample] = []
        self._sessions: list[SessionRecord] = []
        self._alerts: list[AlertRecord] = []
        self._peaks: dict[tuple[str, str], AlertRecord] = {}
        self._jumps: list[ClockJump] = []
        self._renewed: list[int] = []
        self._told = Told()

    def add(self, tick: Tick, *, merge: bool = False) -> Batch | None:
        """The batch that this tick fills, if any; if merged, its samples are one."""
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
        self._peaks |= {(alert.metric, alert.subject): alert for alert in tick.peaks}
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
            jumps=self._jumps, renewed=self._renewed,
        )  # fmt: skip
        self._samples, self._sessions, self._alerts, self._jumps, self._renewed = [], [], [], [], []
        self._peaks = {}
        return batch

    def _is_full(self, sample: Sample) -> bool:
        end = round(sample.start + sample.seconds, 3)
        return (
            bool(self._alerts or self._jumps)
            or end % MINUTE == 0
            or end - self._samples[0].start >= self._seconds
            or len(self._sessions) >= MAX_SESSIONS
        )
