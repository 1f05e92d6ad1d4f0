"""When an acknowledged alert has become worse, so that it needs an answer again. Pure."""

from __future__ import annotations

from typing import NamedTuple

from monitoring.core.alert_rules import JOURNAL_LAG, PER_CLIENT, STORE_LAG, severity_rank

MARGIN = 0.1
"""The share of the threshold by which a peak has to pass the acknowledged one."""

ELAPSED = frozenset({PER_CLIENT, JOURNAL_LAG.metric, STORE_LAG.metric, "node_gone"})
"""Metrics that say how long something has lasted, so that they grow although nothing changes."""


class Acknowledged(NamedTuple):
    """What was known of an alert when it was acknowledged."""

    peak: float
    severity: str


class Present(NamedTuple):
    """What is known of it now. `counts_time` says that its values are for how long something has lasted."""

    value: float
    threshold: float
    peak: float
    severity: str
    is_grouped: bool = False
    counts_time: bool = False


def is_worse(then: Acknowledged, now: Present) -> bool:
    """Whether its severity is higher, or its peak worse by a margin.

    The margin is 10 % of the threshold; of the acknowledged peak if that is a number of clients or the threshold is 0.
    A value that grows with time alone has to double.
    """
    if severity_rank(now.severity) < severity_rank(then.severity):
        return True
    if now.counts_time:
        margin = abs(then.peak)
    elif now.is_grouped or not now.threshold:
        margin = MARGIN * max(abs(then.peak), abs(now.threshold))
    else:
        margin = MARGIN * abs(now.threshold)
    # What it fired with lies on the bad side of the threshold.
    growth = then.peak - now.peak if now.value < now.threshold else now.peak - then.peak
    return growth > margin
