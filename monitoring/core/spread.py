"""A sample of several seconds as one of each second, for charts that show single ones."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec

from monitoring.core.sample import Gauge, Sample
from monitoring.core.sketch import Sketch

COUNTERS = ("messages", "messages_sent", "bytes_received", "bytes_sent", "connects", "disconnects")
LEVELS = (
    "connections",
    "message_rate",
    "cpu_percent",
    "memory_percent",
    "memory_used_mb",
    "network_sent_rate",
    "network_recv_rate",
)

LONGEST = 3_600
"""A sample of more seconds is left whole: nobody knows any more what happened when."""


def spread(sample: Sample) -> list[Sample]:
    """One sample for each second that it touches, in order; together they count what it counts.

    Counters and seconds are shared out by time, gauges of levels are repeated with their readings shared out, and what
    was measured now and then (latencies, frame rates) stands in the first second. A sample of at most a second is left
    as it is.
    """
    length = sample.until - sample.start
    if length <= 1 or length > LONGEST:
        return [sample]
    first, last = math.floor(sample.start), math.ceil(sample.until)
    ends = [(min(second + 1, sample.until) - sample.start) / length for second in range(first, last)]
    slices = [_slice(sample, first + at, done, share) for at, (done, share) in enumerate(pairwise([0.0, *ends]))]
    for name in ("latency_ms", "latency_sketch", "fps", "frame_time_sketch"):
        setattr(slices[0], name, getattr(sample, name))
    return slices


def _slice(sample: Sample, second: int, done: float, share: float) -> Sample:
    """What lies between two shares (0..1) of the sample's time."""
    part = msgspec.structs.replace(
        sample,
        start=float(max(second, sample.start)),
        seconds=round(sample.seconds * (share - done), 6),
        end=float(min(second + 1, sample.until)),
        latency_ms=Gauge(),
        latency_sketch=Sketch(),
        fps=Gauge(),
        frame_time_sketch=Sketch(),
    )
    for name in COUNTERS:
        total = getattr(sample, name)
        setattr(part, name, round(total * share) - round(total * done))
    for name in LEVELS:
        setattr(part, name, _thinned(getattr(sample, name), share - done))
    return part


def _thinned(gauge: Gauge, share: float) -> Gauge:
    """The same level from fewer readings, at least one."""
    if gauge.average is None:
        return gauge
    count = max(1, round(gauge.count * share))
    return Gauge(count, gauge.average * count, gauge.min, gauge.max)
