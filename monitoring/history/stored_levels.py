"""What stored minutes say about one rule's value: only the columns that it needs are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from monitoring.core.alert_course import TOGETHER
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_replay import Replay
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.alert_values import OF_CLIENTS, value_of
from monitoring.core.breakdown_metrics import BREAKDOWN_METRICS, LEFT_METRICS
from monitoring.core.minute_levels import MinuteLevels
from monitoring.core.stats.fields import FACTS, OfClients
from monitoring.core.stats.sample import ADDED, BREAKDOWNS, COUNTERS, GAUGES, OWN, Sample
from monitoring.core.stats.sketch import PERCENTILES, Sketch
from monitoring.core.stats.sketch_bytes import MARKS, is_foreign, quantiles_of
from monitoring.models import Minute
from monitoring.models.aggregate import CHUNK, GAUGE_PARTS
from monitoring.models.own_levels import own_levels

WHEN = ("boot", "began", "ended", "coverage", "bounded")
GAUGES_OF_RATES = {"messages_per_second": "message_rate"}
"""Rates whose lowest and highest second are stored beside the count."""

WHOLE = 1e-2
"""Seconds by which a minute's parts may differ from their sum, in a minute without a gap."""

Row = tuple[Any, ...]
Who = tuple[str, str, str]
"""The boot, the node and the host; for all nodes together, three empty strings."""


Find = Callable[[Who], Replay]


def replay_minutes(rule: Rule, start: datetime, end: datetime, node: str | None, find: Find) -> None:
    """Shows the minutes that begin in the range to the replays of their nodes' starts, in order of time.

    For a rule about the fleet they are those of all nodes together.
    """
    rows = Minute.objects.between(start, end)
    if rule.scope is AlertScope.FLEET:
        rows = rows.of_fleet()
    else:
        rows = rows.of_each_node() if node is None else rows.of_nodes([node])
    starts = rows.order_by().values_list("boot", "node", "host").distinct()
    replays = {boot: find((boot, name, host)) for boot, name, host in starts}
    gauge = _gauge(rule)
    if gauge:
        read, columns = _of_gauge(rule), _gauge_columns(rule)
    elif rule.metric not in ALERT_METRICS_BY_NAME:
        read, columns = _of_own_gauge(rule), [OWN]
    else:
        columns = _fields(rule)
        is_share, is_percentile = rule.metric in BREAKDOWN_METRICS, _share(rule) in MARKS
        read = _of_counts(rule) if is_share else _of_percentile(rule) if is_percentile else _of_sample(rule, columns)
    values = rows.order_by(Minute.TIME_FIELD).values_list(*WHEN, *columns).iterator(chunk_size=CHUNK)
    if gauge:
        values = _worth_reading(rule, values, replays)
    for boot, began, ended, coverage, bounded, *found in values:
        # A minute of a node that was stopped at once may have covered no second.
        if (seconds := round(coverage)) > 0 and ended > began:
            if abs(ended - began - coverage) < WHOLE:
                # Nodes measure on whole seconds; only the first interval after a start is not a second long.
                began = ended - seconds
            replays[boot].minute(read(began, ended, seconds, bounded, found))


def _worth_reading(rule: Rule, rows: Iterable[Row], replays: dict[str, Replay]) -> Iterator[Row]:
    """The rows without those that cannot change anything, which are most."""
    is_above, enter, leave = rule.is_above, rule.threshold, rule.exit_threshold
    for row in rows:
        low, high = row[7:9]
        if low is None:
            yield row
            continue
        replay = replays[row[0]]
        if (high <= enter if is_above else low >= enter) and replay.is_idle:
            replay.pass_over(row[2])
            continue
        is_hot = low > leave if is_above else high < leave
        if is_hot and row[1] - replay.reached <= TOGETHER and replay.is_burning:
            replay.pass_over(row[2], high if is_above else low)
            continue
        yield row


Read = Callable[[float, float, int, bool, list[Any]], MinuteLevels]


def _gauge(rule: Rule) -> str | None:
    """The gauge whose lowest and highest are those of the rule's value."""
    if rule.each_threshold is not None:
        return None
    name = GAUGES_OF_RATES.get(rule.metric, rule.metric)
    return name if name in GAUGES else None


def _gauge_columns(rule: Rule) -> list[str]:
    columns = [f"{_gauge(rule)}_{part}" for part in GAUGE_PARTS]
    return [*columns, "connections_count", "connections_max"] if rule.metric in OF_CLIENTS else columns


def _of_gauge(rule: Rule) -> Read:
    name = _gauge(rule)
    assert name is not None
    of_clients = isinstance(FACTS[name], OfClients)
    # The fleet's lowest and highest are those of single nodes unless the nodes' values are added.
    is_mixed = rule.scope is AlertScope.FLEET and name not in ADDED

    def read(began: float, ended: float, seconds: int, bounded: bool, found: list[Any]) -> MinuteLevels:
        count, total, low, high, *clients = found
        if not count:
            gone = bool(clients and clients[0] and not clients[1])
            return MinuteLevels(began, ended, seconds, None, gone=gone)
        attained = not (of_clients or is_mixed or (bounded and name in ADDED))
        return MinuteLevels(began, ended, seconds, total / count, low, high, attained, not of_clients)

    return read


def _of_own_gauge(rule: Rule) -> Read:
    """A gauge that the project registered, which a rule of its name is about."""

    def read(began: float, ended: float, seconds: int, _bounded: bool, found: list[Any]) -> MinuteLevels:
        level = own_levels(found[0]).get(rule.metric)
        if level is None or not level.count:
            return MinuteLevels(began, ended, seconds, None)
        attained = not level.bounded and (level.added or rule.scope is not AlertScope.FLEET)
        return MinuteLevels(began, ended, seconds, level.average, level.min, level.max, attained)

    return read


def _fields(rule: Rule) -> list[str]:
    """The columns of counters and distributions from which a value is read that has no gauge."""
    if rule.metric in BREAKDOWN_METRICS:
        return [BREAKDOWNS, "connections_count", "connections_max"]
    if rule.metric in LEFT_METRICS:
        return [BREAKDOWNS]
    sketch = "latency_sketch" if "latency" in rule.metric else "frame_time_sketch"
    names = [sketch] if rule.metric in OF_CLIENTS else [rule.metric] if rule.metric in COUNTERS else []
    return [*names, "connections_count", "connections_max"] if rule.metric in OF_CLIENTS else names


def _of_counts(rule: Rule) -> Read:
    """A share of counts by label. How it was spread over the minute's seconds is not known."""

    def read(began: float, ended: float, seconds: int, _bounded: bool, found: list[Any]) -> MinuteLevels:
        counts, count, most = found
        value = value_of(rule, Sample(began, seconds, end=ended, breakdowns=counts or {}))
        gone = value is None and bool(count and not most)
        return MinuteLevels(began, ended, seconds, value, even=False, gone=gone)

    return read


def _share(rule: Rule) -> float | None:
    """The share of clients whose values a percentile is not below."""
    return PERCENTILES.get(rule.metric.partition("_")[0]) if rule.each_threshold is None else None


def _of_percentile(rule: Rule) -> Read:
    """What `value_of` reads from a distribution, without unpacking it: packed ones name these percentiles."""
    share = _share(rule)
    assert share is not None
    place = MARKS.index(share)

    def read(began: float, ended: float, seconds: int, _bounded: bool, found: list[Any]) -> MinuteLevels:
        data, count, most = found
        value = quantiles_of(bytes(data), *MARKS)[place]
        gone = value is None and bool(count and not most)
        return MinuteLevels(began, ended, seconds, value, even=False, gone=gone)

    return read


def _of_sample(rule: Rule, fields: list[str]) -> Read:
    def read(began: float, ended: float, seconds: int, _bounded: bool, found: list[Any]) -> MinuteLevels:
        sample = Sample(began, seconds, end=ended)
        gone = False
        if rule.metric in OF_CLIENTS:
            data, count, most = bytes(found[0]), *found[1:]
            # A distribution that another release wrote says nothing here.
            setattr(sample, fields[0], Sketch() if is_foreign(data) else Sketch.decode(data))
            gone = bool(count and not most)
        elif fields == [BREAKDOWNS]:
            sample.breakdowns = found[0] or {}
        elif fields:
            setattr(sample, fields[0], found[0])
        value = value_of(rule, sample)
        return MinuteLevels(began, ended, seconds, value, even=False, gone=gone and value is None)

    return read
