"""The rules in force: the built-in ones, which settings may change, and those that are rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from monitoring import conf
from monitoring.conf import MonitoringSettings
from monitoring.core.alert_rules import (
    CLOCK_SKEW,
    EVICTABLE,
    JOURNAL_LAG,
    STORE_LAG,
    AlertScope,
    Comparison,
    NoData,
    Rule,
    default_rules,
)
from monitoring.models import AlertRule

NEED_TIME = "cpu_percent", "memory_percent", "latency_ms"
"""The built-in rules that wait for AVATAR_ALERT_FOR_SECONDS; the others have times of their own."""

EXIT_PERCENT = 5.0
"""How far on the other side of its threshold a rule ends that names no exit threshold."""

logger = logging.getLogger(__name__)


def built_in_rules(settings: MonitoringSettings | None = None) -> dict[str, Rule]:
    """The rules that no row has to define, by name, with the thresholds of the settings.

    Those about history are left out if the project keeps none.
    """
    settings = settings or conf.current()
    rules = default_rules(settings.alert_thresholds)
    for name in NEED_TIME:
        rules[name] = replace(rules[name], for_seconds=settings.alert_for_seconds)
    if settings.redis_url:
        rules |= {rule.key: rule for rule in (JOURNAL_LAG, STORE_LAG, CLOCK_SKEW, EVICTABLE)}
    return rules


def rules_in_force() -> dict[str, Rule]:
    """All rules that decide about alerts now, of every scope, by name.

    A row replaces the built-in rule of its name, and one that is disabled switches it off. Rows have no effect without
    REDIS_URL, through which nodes learn of them. Raises django.db.Error while the database cannot be used.
    """
    settings = conf.current()
    rules = built_in_rules(settings)
    return in_force(rules, AlertRule.objects.by_name()) if settings.redis_url else rules


def in_force(built_in: dict[str, Rule], rows: Iterable[AlertRule]) -> dict[str, Rule]:
    """The built-in rules with the rows' changes."""
    rules = dict(built_in)
    for row in rows:
        rules.pop(row.name, None)
        if row.enabled:
            rules[row.name] = as_rule(row, built_in.get(row.name))
    return rules


def as_rule(row: AlertRule, built_in: Rule | None = None) -> Rule:
    """The rule that a row describes; what a row cannot say is that of the built-in rule that it replaces."""
    base = built_in or Rule(row.metric, row.threshold, row.threshold, row.severity, "")
    comparison = Comparison(row.comparison)
    is_empty = row.exit_threshold is None
    # A share of clients is always too high, whichever way their own values are compared.
    is_above = comparison is Comparison.ABOVE or row.each_threshold is not None
    rule = replace(
        base,
        name=row.name,
        metric=row.metric,
        scope=AlertScope(row.scope),
        comparison=comparison,
        threshold=row.threshold,
        exit_threshold=default_exit(row.threshold, above=is_above) if is_empty else row.exit_threshold,
        each_threshold=row.each_threshold,
        for_seconds=row.for_seconds,
        keep_firing_seconds=row.keep_firing_seconds,
        no_data=NoData(row.no_data),
        no_data_seconds=row.no_data_seconds,
        severity=row.severity,
        runbook=row.runbook,
    )
    return replace(rule, message=row.text or base.message or default_message(rule))


def default_exit(threshold: float, *, above: bool) -> float:
    """The exit threshold of a rule that names none: 5 % of the threshold on its other side."""
    margin = abs(threshold) * EXIT_PERCENT / 100
    return threshold - margin if above else threshold + margin


def default_message(rule: Rule) -> str:
    """The message of a rule that has no text of its own, as a format string for `value` and `subject`."""
    return f"{rule.metric} of {{subject}} is {{value:.1f}}, {rule.comparison} {rule.threshold:g}"
