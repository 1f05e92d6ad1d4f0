"""What rules can be about: the metrics by their names, and what is wrong with a rule."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from string import Formatter

from monitoring.core.alert_rules import PER_CLIENT, SEVERITIES, AlertScope, NoData, Rule
from monitoring.core.breakdown_metrics import BREAKDOWN_METRICS, LEFT_METRICS
from monitoring.core.inputs import echo

HOST, NODE, FLEET, CLIENT = AlertScope.HOST, AlertScope.NODE, AlertScope.FLEET, AlertScope.CLIENT
OF_A_HOST, OF_NODES, OF_CLIENTS = (HOST, FLEET), (NODE, FLEET), (NODE, FLEET, CLIENT)

MOST_SECONDS = 86_400.0
"""The longest `for_seconds`, `keep_firing_seconds` and `no_data_seconds`."""

LARGEST = 1e12
LONGEST_TEXT = 200
RULE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
TEXT_FIELDS = ("value", "subject")


@dataclass(frozen=True, slots=True)
class AlertMetric:
    """One metric that rules may be about: its label and unit on pages, and what its values may be values of.

    With `shares`, a rule about nodes may also be about the share of clients on the wrong side of a threshold of their
    own. Metrics that are not `stored` are known only live: a rule about them cannot be tried on the past.
    """

    label: str
    unit: str
    scopes: tuple[AlertScope, ...]
    shares: bool = False
    stored: bool = True


ALERT_METRICS_BY_NAME: dict[str, AlertMetric] = {
    "cpu_percent": AlertMetric("CPU", "%", OF_A_HOST),
    "memory_percent": AlertMetric("Memory", "%", OF_A_HOST),
    "memory_used_mb": AlertMetric("Memory used", "MB", OF_A_HOST),
    "network_sent_rate": AlertMetric("Network sent", "MB/s", OF_A_HOST),
    "network_recv_rate": AlertMetric("Network received", "MB/s", OF_A_HOST),
    "connections": AlertMetric("Clients", "", OF_NODES),
    "connects": AlertMetric("Connections opened", "/s", OF_NODES),
    "disconnects": AlertMetric("Connections closed", "/s", OF_NODES),
    "messages_per_second": AlertMetric("Messages", "/s", OF_NODES),
    "messages_sent": AlertMetric("Messages sent", "/s", OF_NODES),
    "bytes_received": AlertMetric("Bytes received", "B/s", OF_NODES),
    "bytes_sent": AlertMetric("Bytes sent", "B/s", OF_NODES),
    "latency_ms": AlertMetric("Latency", "ms", OF_CLIENTS, shares=True),
    "p50_latency_ms": AlertMetric("Latency, 50th percentile", "ms", OF_NODES),
    "p95_latency_ms": AlertMetric("Latency, 95th percentile", "ms", OF_CLIENTS),
    "p99_latency_ms": AlertMetric("Latency, 99th percentile", "ms", OF_NODES),
    "average_latency_ms": AlertMetric("Latency of a client, average", "ms", (CLIENT,), stored=False),
    "fps": AlertMetric("Client frame rate", "fps", OF_CLIENTS, shares=True),
    "frame_time_ms": AlertMetric("Client frame time", "ms", OF_CLIENTS, shares=True),
    "p50_frame_time_ms": AlertMetric("Client frame time, 50th percentile", "ms", OF_NODES),
    "p95_frame_time_ms": AlertMetric("Client frame time, 95th percentile", "ms", OF_NODES),
    "p99_frame_time_ms": AlertMetric("Client frame time, 99th percentile", "ms", OF_NODES),
    "slow_frames_percent": AlertMetric("Slow frames of a client", "%", (CLIENT,), stored=False),
    **{name: AlertMetric(share.label, "%", OF_CLIENTS) for name, share in BREAKDOWN_METRICS.items()},
    PER_CLIENT: AlertMetric("Silence of a client", "s", (CLIENT,), stored=False),
    "coverage_percent": AlertMetric("Coverage", "%", OF_NODES),
    "loop_lag_ms": AlertMetric("Event loop lag", "ms", OF_NODES),
    "journal_lag_seconds": AlertMetric("Journal lag", "s", OF_NODES),
    "store_lag_seconds": AlertMetric("Storing lag", "s", OF_NODES),
    **{name: AlertMetric(share.label, "%", OF_NODES) for name, share in LEFT_METRICS.items()},
    "clock_skew_seconds": AlertMetric("Clock skew", "s", (HOST,), stored=False),
    "evictable_percent": AlertMetric("Redis memory, if history may be deleted", "%", (NODE,), stored=False),
    "node_gone": AlertMetric("Clients of a node that vanished", "", (NODE,), stored=False),
}
"""The metrics that every site has, by name; a host's own gauges come beside them. Rules about the last one are built
in."""


def problems_of(rule: Rule, gauges: Collection[str] = ()) -> list[str]:
    """What is wrong with a rule, one line each: the field, its value and what is allowed. Empty if it can be used.

    `gauges` are the names of the host's own gauges, which nodes measure.
    """
    return [*_named(rule), *_of_metric(rule, gauges), *_numbers(rule), *_texts(rule)]


def _named(rule: Rule) -> Iterator[str]:
    if not RULE_NAME.match(rule.key):
        yield f"name={echo(rule.key)}: must be 1 to 64 small letters, digits and underscores, a letter first"


def _of_metric(rule: Rule, gauges: Collection[str]) -> Iterator[str]:
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    if metric is None and rule.metric not in gauges:
        known = ", ".join([*ALERT_METRICS_BY_NAME, *sorted(gauges)])
        yield f"metric={echo(rule.metric)}: must be one of {known}"
        return
    scopes = OF_NODES if metric is None else metric.scopes
    if rule.scope not in scopes:
        yield f"scope={rule.scope}: must be {_either(scopes)} for {rule.metric}"
    if rule.scope is CLIENT and rule.no_data is NoData.FIRE:
        yield "no_data=fire: must be resolve or keep in a rule about single clients, which may measure nothing"
    if rule.each_threshold is None:
        return
    if metric is None or not metric.shares:
        shared = [name for name, one in ALERT_METRICS_BY_NAME.items() if one.shares]
        allowed = f"must be left out for {rule.metric}; {_either(shared)} may have it"
        yield f"each_threshold={rule.each_threshold:g}: {allowed}"
    elif rule.scope is CLIENT:
        yield f"each_threshold={rule.each_threshold:g}: must be left out in a rule about single clients"
    elif not (math.isfinite(rule.each_threshold) and rule.each_threshold > 0):
        yield f"each_threshold={rule.each_threshold:g}: must be above 0 {metric.unit}"
    if not 0 <= rule.threshold < 100:
        yield f"threshold={rule.threshold:g}: must be 0 to less than 100, a share of clients in percent"


def _numbers(rule: Rule) -> Iterator[str]:
    for name in ("threshold", "exit_threshold"):
        value: float = getattr(rule, name)
        if not abs(value) <= LARGEST:
            yield f"{name}={value:g}: must be -{LARGEST:g} to {LARGEST:g}"
    if rule.is_above and rule.exit_threshold > rule.threshold:
        yield f"exit_threshold={rule.exit_threshold:g}: must be at most the threshold, {rule.threshold:g}"
    if not rule.is_above and rule.exit_threshold < rule.threshold:
        yield f"exit_threshold={rule.exit_threshold:g}: must be at least the threshold, {rule.threshold:g}"
    for name in ("for_seconds", "keep_firing_seconds", "no_data_seconds"):
        value = getattr(rule, name)
        if not 0 <= value <= MOST_SECONDS:
            yield f"{name}={value:g}: must be 0 to {MOST_SECONDS:g} s"


def _texts(rule: Rule) -> Iterator[str]:
    if rule.severity not in SEVERITIES:
        yield f"severity={echo(rule.severity)}: must be {_either(SEVERITIES)}"
    if len(rule.message) > LONGEST_TEXT:
        yield f"message={echo(rule.message)}: must be at most {LONGEST_TEXT} characters"
    elif not _is_formattable(rule.message):
        shown = echo(rule.message)
        yield f"message={shown}: may have {{value}}, such as {{value:.1f}}, and {{subject}}; no other braces"
    if rule.runbook and not rule.runbook.startswith(("https://", "http://")):
        yield f"runbook={echo(rule.runbook)}: must be an address that begins with https:// or http://"


def _is_formattable(text: str) -> bool:
    """A text comes from a person: it gets at no attribute of what is put in, and is as long as it looks."""
    try:
        parts = list(Formatter().parse(text))
        for _, name, form, conversion in parts:
            if name is not None and (name not in TEXT_FIELDS or conversion or not FORM.match(form or "")):
                return False
        text.format(value=1.0, subject="")
    except (ValueError, KeyError, IndexError):
        return False
    return True


FORM = re.compile(r"(,?(\.\d)?[fg%]?)?\Z")
"""What may follow the colon in {value:.1f}."""


def _either(names: Collection[str]) -> str:
    return " or ".join(names)
