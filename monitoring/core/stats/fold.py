"""Combines what many nodes measured side by side into one sample: the fleet's.

Adding samples is for consecutive ones; this is for simultaneous ones. A part counts for as long as it was there, from
its sample's start to its end, so a process and its successor after a restart are one node, and a process that came or
went counts for its share of the time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitoring.core.stats import breakdowns
from monitoring.core.stats.fields import FACTS, Level, OfClients, Owner
from monitoring.core.stats.sample import BREAKDOWNS, FIELDS, GAUGES, OF_HOSTS, SKETCHES, Gauge, OwnLevel, Sample
from monitoring.core.stats.sketch import Sketch

SHORTEST = 1e-3
"""Seconds for which a part counts that covers no time at all."""


class NodeSample(NamedTuple):
    """What one node measured; nodes of one host report the same for that host."""

    node: str
    host: str
    sample: Sample
    boot: str = ""


Span = tuple[float, float]
Unit = tuple[Sequence[Span], Gauge]
"""A gauge of one node or host, and when that was there."""


def fold(parts: Iterable[NodeSample], fields: Collection[str] | None = None) -> Sample:
    """The sample of all parts together, or only these of its fields and own gauges; needs at least one part.

    Counters are added and sketches merged. Clients and message rates are added over nodes, network rates and used
    memory over hosts; CPU and memory percentages are averaged over hosts; latencies and frame rates are already weighed
    by each part's clients.

    `seconds` is the time in which any part was there, times the share of it that the parts measured, so that a counter
    over `seconds` is the rate of the whole.

    Within a second, additive values are added by their averages. Over longer times nobody knows from this whether parts
    were at their highest together: if parts that were there together went up and down, lowest and highest are bounds,
    and the sample is `bounded`.
    """
    parts = list(parts)
    if len(parts) == 1:
        return parts[0].sample
    samples = [part.sample for part in parts]
    spans = [(sample.start, max(sample.until, sample.start + SHORTEST)) for sample in samples]
    folded = _outline(samples, spans)
    for name in FIELDS if fields is None else [name for name in fields if name in FIELDS]:
        if rule := _RULES.get(name):
            units_of, together = rule
            units = units_of(name, parts, spans)
            setattr(folded, name, together(units))
            folded.bounded |= together is _added and not _is_certain(units)
        else:
            nothing = Sketch() if name in SKETCHES else 0
            setattr(folded, name, sum((getattr(sample, name) for sample in samples), start=nothing))
    if fields is None or BREAKDOWNS in fields:
        folded.breakdowns = breakdowns.added(sample.breakdowns for sample in samples)
    names = dict.fromkeys(name for sample in samples for name in sample.gauges if fields is None or name in fields)
    folded.gauges = {name: _own(name, samples, spans) for name in names}
    return folded


def _outline(samples: Sequence[Sample], spans: Sequence[Span]) -> Sample:
    """The time of all samples together, without what was measured in it."""
    present = sum(end - start for start, end in spans)
    measured = sum(sample.seconds for sample in samples)
    return Sample(
        bounded=any(sample.bounded for sample in samples),
        start=min(start for start, _ in spans),
        seconds=round(measured / present * _covered(spans), 3),
        end=max(end for _, end in spans),
    )


def _own(name: str, samples: Sequence[Sample], spans: Sequence[Span]) -> OwnLevel:
    """A gauge of the project, from the nodes that have it: each says whether it is added."""
    found = [(span, sample.gauges[name]) for sample, span in zip(samples, spans, strict=True) if name in sample.gauges]
    added, bounded = found[-1][1].added, any(gauge.bounded for _, gauge in found)
    units: list[Unit] = [([span], gauge) for span, gauge in found if gauge.count]
    if not units:
        return OwnLevel(added=added)
    whole = _added(units) if added else _averaged(units)
    bounded |= added and not _is_certain(units)
    return OwnLevel(whole.count, whole.sum, whole.min, whole.max, added, bounded)


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


def _nodes(name: str, parts: Sequence[NodeSample], spans: Sequence[Span]) -> list[Unit]:
    found: list[tuple[Span, Gauge]] = [
        (span, getattr(part.sample, name)) for part, span in zip(parts, spans, strict=True)
    ]
    return [([span], gauge) for span, gauge in found if gauge.count]


def _hosts(name: str, parts: Sequence[NodeSample], spans: Sequence[Span]) -> list[Unit]:
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
    # A node that was there for half the time adds half its average: ten clients that moved to another node within a
    # minute are ten, not twenty.
    lengths = [_covered(spans) for spans, _ in units]
    seconds = _covered(_all_spans(units))
    count = average = 0.0
    for (_, gauge), length in zip(units, lengths, strict=True):
        count += gauge.count
        average += gauge.sum / gauge.count * length / seconds
    # Within a second nobody knows which of two nodes' highs came first, so each stands at its average.
    low, high = _bounds(units if seconds > 1 else _levelled(units))
    # A value of one part alone was the whole's too, however short the time; a project's gauge may be below zero, and
    # then what others had takes away from it.
    peak = max(gauge.max for _, gauge in units) if all(gauge.min >= 0 for _, gauge in units) else high
    # Rounding may put the average a hair outside the bounds.
    return _of_average(average, count * seconds / sum(lengths), min(low, average), max(high, average, peak))


def _bounds(units: Sequence[Unit]) -> tuple[float, float]:
    """Bounds that all together cannot have exceeded: at any moment only the parts that were there count."""
    if _share_one_span(units):
        return sum(gauge.min for _, gauge in units), sum(gauge.max for _, gauge in units)
    lows, highs = [], []
    for present in _side_by_side(units):
        lows.append(sum(gauge.min for gauge in present))
        highs.append(sum(gauge.max for gauge in present))
    return min(lows), max(highs)


def _side_by_side(units: Sequence[Unit]) -> list[list[Gauge]]:
    """The parts that were there together, for each stretch between two moments at which any came or went."""
    moments = sorted({moment for spans, _ in units for span in spans for moment in span})
    found = []
    for start, end in pairwise(moments):
        # Clocks are read to the millisecond: anything shorter counts as no time, but no part is left out for it.
        if end - start >= SHORTEST or len(moments) == 2:
            # Nobody comes or goes between two neighbouring moments, so the middle stands for the stretch.
            middle = (start + end) / 2
            present = [gauge for spans, gauge in units if any(first < middle < last for first, last in spans)]
            if present:
                found.append(present)
    return found or [[gauge for _, gauge in units]]


def _is_certain(units: Sequence[Unit]) -> bool:
    """Whether lowest and highest are exact: one was alone, or none of those together went up and down."""
    if len(units) < 2 or all(gauge.min == gauge.max for _, gauge in units):
        return True
    if _covered(_all_spans(units)) <= 1:
        return True
    if _share_one_span(units):
        return False
    return all(len(present) == 1 or all(one.min == one.max for one in present) for present in _side_by_side(units))


def _levelled(units: Sequence[Unit]) -> list[Unit]:
    """Each at its average, within one second."""
    averages = [(spans, gauge.sum / gauge.count) for spans, gauge in units]
    return [(spans, Gauge(1, average, average, average)) for spans, average in averages]


def _share_one_span(units: Sequence[Unit]) -> bool:
    return all(spans == units[0][0] for spans, _ in units)


def is_side_by_side(name: str, parts: Sequence[NodeSample]) -> bool:
    """Whether more than one node, or host, has read the gauge."""
    found = {part.host if name in OF_HOSTS else at for at, part in enumerate(parts) if getattr(part.sample, name).count}
    return len(found) > 1


def _averaged(units: Sequence[Unit]) -> Gauge:
    if len(units) < 2:
        return _pooled(units)
    lengths = [_covered(spans) for spans, _ in units]
    present = sum(lengths)
    total = sum(gauge.sum / gauge.count * length for (_, gauge), length in zip(units, lengths, strict=True))
    # Two nodes of one host read the same CPU twice; the host has as many readings as one of them would have taken.
    share = _covered(_all_spans(units)) / present
    pooled = _pooled(units)
    return _of_average(total / present, pooled.count * share, pooled.min, pooled.max)


def _pooled(units: Sequence[Unit]) -> Gauge:
    return units[0][1] if len(units) == 1 else sum((gauge for _, gauge in units), start=Gauge())


def _all_spans(units: Sequence[Unit]) -> list[Span]:
    return [span for spans, _ in units for span in spans]


def _of_average(average: float, readings: float, low: float, high: float) -> Gauge:
    """A gauge with this average and as many readings as one node takes in the time."""
    count = max(1, round(readings))
    return Gauge(count, average * count, low, high)


_Rule = tuple[
    Callable[[str, Sequence[NodeSample], Sequence[Span]], list[Unit]],
    Callable[[Sequence[Unit]], Gauge],
]


def _rule(name: str) -> _Rule:
    """Whose gauges are put together, and how."""
    match FACTS[name]:
        case Level(of=owner, added=added):
            return (_hosts if owner is Owner.HOST else _nodes), (_added if added else _averaged)
        case OfClients():
            return _nodes, _pooled
        case other:
            raise TypeError(f"{name}: a gauge is described as {other}")


_RULES = {name: _rule(name) for name in GAUGES}
