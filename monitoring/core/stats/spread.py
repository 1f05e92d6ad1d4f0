"""Splits a sample that spans several stretches into one for each: seconds for charts, minutes for storage."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TypeVar

import msgspec

from monitoring.core.stats import breakdowns
from monitoring.core.stats.sample import COUNTERS, LEVELS, OCCASIONAL, Gauge, Sample

AnyGauge = TypeVar("AnyGauge", bound=Gauge)

LONGEST = 3_600
"""A sample of more seconds is left whole: nobody knows any more what happened when."""


def spread(sample: Sample, width: int = 1) -> list[Sample]:
    """One sample for each stretch of `width` seconds that it touches, in order; together they count what it counts.

    Counters and seconds are divided by time, gauges of levels are repeated with their readings divided, and occasional
    measurements (latencies, frame rates) go to the first stretch. A sample of at most a second stays as it is.
    """
    length = sample.until - sample.start
    first, last = math.floor(sample.start / width), math.ceil(sample.until / width)
    if length <= 1 or length > LONGEST or last - first == 1:
        return [sample]
    bounds = [sample.start, *(stretch * float(width) for stretch in range(first + 1, last)), sample.until]
    slices = [_slice(sample, start, end, length) for start, end in pairwise(bounds)]
    # Nobody knows in which second a latency was measured. Given to the first, each counts once; a sketch of one reading
    # cannot be divided.
    for name in OCCASIONAL:
        setattr(slices[0], name, getattr(sample, name))
    return slices


def _slice(sample: Sample, start: float, end: float, length: float) -> Sample:
    """The part between two moments of the sample's `length` seconds."""
    done, share = (start - sample.start) / length, (end - sample.start) / length
    seconds = round(sample.seconds * (share - done), 6)
    part = Sample(float(start), seconds, end=float(end), bounded=sample.bounded)
    for name in COUNTERS:
        # Rounding the running totals, not the shares, makes the parts add up to the whole.
        total = getattr(sample, name)
        setattr(part, name, round(total * share) - round(total * done))
    for name in LEVELS:
        setattr(part, name, _thinned(getattr(sample, name), share - done))
    if sample.breakdowns:
        part.breakdowns = breakdowns.share(sample.breakdowns, done, share)
    if sample.gauges:
        part.gauges = {name: _thinned(gauge, share - done) for name, gauge in sample.gauges.items()}
    return part


def _thinned(gauge: AnyGauge, share: float) -> AnyGauge:
    """The same level from fewer readings, at least one."""
    if gauge.average is None:
        return gauge
    count = max(1, round(gauge.count * share))
    return msgspec.structs.replace(gauge, count=count, sum=gauge.average * count)
