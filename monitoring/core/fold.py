"""What many nodes measured side by side, as one sample: the fleet's.

Adding samples is for what follows one another; this is for what happened at the same time. A part counts for as long as
it was there, from its sample's start to its end, so that a process and its successor after a restart are one node, and
a process that came or went counts for its share of the time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from monitoring.core.sample import Gauge, Sample
from monitoring.core.sketch import Sketch

SHORTEST = 1e-3
"""Seconds for which a part counts that covers no time at all."""

COUNTERS = ("messages", "messages_sent", "bytes_received", "bytes_sent", "connects", "disconnects")
SKETCHES = ("latency_sketch", "frame_time_sketch")


class Part(NamedTuple):
    """What one node measured; nodes of one host report the same of that host."""

    node: str
    host: str
    sample: Sample
    boot: str = ""


Span = tuple[float, float]
Unit = tuple[Sequence[Span], Gauge]
"""A gauge of one node or host, and when that was there."""


def fold(parts: Iterable[Part], fields: Collection[str] | None = None) -> Sample:
    """The sample of all parts together, or these fields of it; at least one part is needed.

    Counters are added and sketches merged. Clients and message rates are added over nodes, network rates and used
    memory over hosts; CPU and memory in per cent are averaged over hosts; latencies and frame rates count each reading
    once. `seconds` is the time in which any part was there, times the share of it that the parts measured, so that
    a counter over `seconds` is the rate of the whole. Lowest and highest of what is added are sums of each part's own.
    """
    parts = list(parts)
    if len(parts) == 1:
        return parts[0].sample
    samples = [part.sample for part in parts]
    spans = [(sample.start, max(sample.until, sample.start + SHORTEST)) for sample in samples]
    present = sum(end - start for start, end in spans)
    measured = sum(sample.seconds for sample in samples)
    folded = Sample(
        start=min(start for start, _ in spans),
        seconds=round(measured / present * _covered(spans), 3),
        end=max(end for _, end in spans),
    )
    for name in FIELDS if fields is None else fields:
        if rule := _RULES.get(name):
            units_of, together = rule
            setattr(folded, name, together(units_of(name, parts, spans)))
        else:
            nothing = Sketch() if name in SKETCHES else 0
            setattr(folded, name, sum((getattr(sample, name) for sample in samples), start=nothing))
    return folded


def _covered(spans: Sequence[Span]) -> float:
    """How many seconds lie in any of the spans."""
    if spans.count(spans[0]) == len(spans):
        return spans[0][1] - spans[0][0]
    seconds, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        if end > reached:
            seconds += end - max(start, reached)
            reached = end
    return seconds


def _nodes(name: str, parts: Sequence[Part], spans: Sequence[Span]) -> list[Unit]:
    found: list[tuple[Span, Gauge]] = [
        (span, getattr(part.sample, name)) for part, span in zip(parts, spans, strict=True)
    ]
    return [([span], gauge) for span, gauge in found if gauge.count]


def _hosts(name: str, parts: Sequence[Part], spans: Sequence[Span]) -> list[Unit]:
    """The readings of all nodes of each host, as many as one node would have taken."""
    hosts: dict[str, list[Unit]] = {}
    for part, span in zip(parts, spans, strict=True):
        gauge: Gauge = getattr(part.sample, name)
        if gauge.count:
            hosts.setdefault(part.host, []).append(([span], gauge))
    return [units[0] if len(units) == 1 else (_all_spans(units), _averaged(units)) for units in hosts.values()]


def _added(units: Sequence[Unit]) -> Gauge:
    if len(units) < 2:
        return _pooled(units)
    lengths = [_covered(spans) for spans, _ in units]
    seconds = _covered(_all_spans(units))
    count = low = high = average = 0.0
    peak = -math.inf
    lowest = min((gauge.min for gauge in _sometimes_alone(units)), default=math.inf)
    for (_, gauge), length in zip(units, lengths, strict=True):
        weight = length / seconds
        count += gauge.count
        average += gauge.sum / gauge.count * weight
        low += gauge.min * weight
        high += gauge.max * weight
        peak = max(peak, gauge.max)
    # A peak that one alone had was the whole's too, however short it was there, and so was what one had while it alone
    # was there.
    return _of_average(average, count * seconds / sum(lengths), min(low, lowest), max(high, peak))


def _sometimes_alone(units: Sequence[Unit]) -> list[Gauge]:
    """Those that were there while no other was."""
    if all(spans == units[0][0] for spans, _ in units):
        return []
    seconds = _covered(_all_spans(units))
    return [
        gauge
        for at, (_, gauge) in enumerate(units)
        if _covered(_all_spans([*units[:at], *units[at + 1 :]])) < seconds - SHORTEST
    ]


def _averaged(units: Sequence[Unit]) -> Gauge:
    if len(units) < 2:
        return _pooled(units)
    lengths = [_covered(spans) for spans, _ in units]
    present = sum(lengths)
    total = sum(gauge.sum / gauge.count * length for (_, gauge), length in zip(units, lengths, strict=True))
    share = _covered(_all_spans(units)) / present
    pooled = _pooled(units)
    return _of_average(total / present, pooled.count * share, pooled.min, pooled.max)


def _pooled(units: Sequence[Unit]) -> Gauge:
    return units[0][1] if len(units) == 1 else sum((gauge for _, gauge in units), start=Gauge())


def _all_spans(units: Sequence[Unit]) -> list[Span]:
    return [span for spans, _ in units for span in spans]


def _of_average(average: float, readings: float, low: float, high: float) -> Gauge:
    """A gauge of that average and as many readings as one node takes in the time."""
    count = max(1, round(readings))
    return Gauge(count, average * count, low, high)


_Rule = tuple[
    Callable[[str, Sequence[Part], Sequence[Span]], list[Unit]],
    Callable[[Sequence[Unit]], Gauge],
]
_RULES: dict[str, _Rule] = {
    "connections": (_nodes, _added),
    "message_rate": (_nodes, _added),
    "memory_used_mb": (_hosts, _added),
    "network_sent_rate": (_hosts, _added),
    "network_recv_rate": (_hosts, _added),
    "cpu_percent": (_hosts, _averaged),
    "memory_percent": (_hosts, _averaged),
    "latency_ms": (_nodes, _pooled),
    "fps": (_nodes, _pooled),
}
FIELDS = (*COUNTERS, *SKETCHES, *_RULES)
