"""Backtests as files and programs get them: plain values, times in ISO 8601 and UTC."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from monitoring.columns import timestamp
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import Rule
from monitoring.history.backtest_result import Backtest, BacktestEpisode
from monitoring.models import OwnGauge

COLUMNS = ("terms", "rule", "subject", "started_at", "ended_at", "seconds", "peak", "flapping", "approximate")


def as_dict(found: Backtest) -> dict[str, Any]:
    """The whole result; durations in seconds, values in the metric's unit, unknown values None."""
    return {
        "rule": terms_of(found.rule),
        "from": iso(found.start),
        "to": iso(found.end),
        "note": found.note,
        "tiers": [{"tier": span.tier, "from": iso(span.start), "to": iso(span.end)} for span in found.tiers],
        "coverage": round(found.coverage, 4),
        "subjects": found.subjects,
        "episodes": len(found.episodes),
        "seconds_firing": found.seconds_firing,
        "at_least_seconds": found.at_least,
        "at_most_seconds": found.at_most,
        "open_minutes": found.open_minutes,
        "flapping": found.flaps,
        "notices": found.notices,
        "list": [_episode(one) for one in found.episodes],
    }


def terms_of(rule: Rule) -> dict[str, Any]:
    """What decides: the rule without its texts."""
    return {
        "name": rule.key,
        "metric": rule.metric,
        "unit": unit_of(rule),
        "scope": rule.scope.value,
        "comparison": rule.comparison.value,
        "threshold": rule.threshold,
        "exit_threshold": rule.exit_threshold,
        "each_threshold": rule.each_threshold,
        "for_seconds": rule.for_seconds,
        "keep_firing_seconds": rule.keep_firing_seconds,
        "severity": rule.severity,
    }


def units_of(rules: Iterable[Rule]) -> dict[str, str]:
    """The unit of each rule's thresholds and peaks, by its key; empty if nobody knows one."""
    rules = list(rules)
    own = {rule.metric for rule in rules if rule.metric not in ALERT_METRICS_BY_NAME}
    units = {name: metric.unit for name, metric in ALERT_METRICS_BY_NAME.items()}
    units |= dict(OwnGauge.objects.of(own).values_list("name", "unit")) if own else {}
    return {rule.key: "%" if rule.each_threshold is not None else units.get(rule.metric, "") for rule in rules}


def unit_of(rule: Rule) -> str:
    """The unit of one rule's thresholds and peaks."""
    return units_of([rule])[rule.key]


def as_csv(backtests: Mapping[str, Backtest]) -> str:
    """One row for each episode; `terms` says which of the backtests it is of."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for terms, found in backtests.items():
        for one in found.episodes:
            facts = _episode(one)
            flags = [int(facts["flapping"]), int(facts["approximate"])]
            row = [facts[name] for name in ("subject", "started_at", "ended_at", "seconds", "peak")]
            writer.writerow([terms, found.rule.key, *("" if value is None else value for value in row), *flags])
    return text.getvalue()


def _episode(one: BacktestEpisode) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "started_at": iso(one.start),
        "ended_at": None if one.end is None else iso(one.end),
        "seconds": None if one.end is None else round(one.end - one.start, 3),
        "peak": float(f"{one.peak:.6g}"),
        "flapping": one.flapping,
        "approximate": one.approximate,
    }


def iso(epoch: float) -> str:
    return f"{timestamp(round(epoch, 3)).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z".replace(
        ".000Z", "Z"
    )
