"""The rules in force as pages show them: limits in charts and cards, and how long a value has to be beyond them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.db import Error
from django.http import HttpRequest

from dashboard.gates import viewer_data
from monitoring.alerting.rules import RulesInForce, built_in_rules, in_force_now
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.rescue import OnceAMinute
from monitoring.unmigrated import reason

logger = logging.getLogger(__name__)
why = OnceAMinute()


@viewer_data
def rules(_request: HttpRequest) -> dict[str, Any]:
    """The rules in force, for pages that were told by a frame's `rules_version` that they have changed."""
    return as_shown(known_rules())


def known_rules() -> RulesInForce:
    """The rules in force; the built-in ones with the version "" while the database cannot tell."""
    try:
        return in_force_now()
    except Error as error:
        if why.is_due("rules"):
            logger.warning("Pages show the limits of the built-in rules: %s", reason(error))
        return RulesInForce(built_in_rules(), "")


def as_shown(known: RulesInForce) -> dict[str, Any]:
    """What the page's JavaScript is told of the rules."""
    return {
        "rules_version": known.version,
        "thresholds": thresholds(known.rules.values()),
        "rules": [as_json(rule) for rule in known.rules.values()],
    }


def thresholds(rules: Iterable[Rule]) -> dict[str, float]:
    """The limit that charts and cards show of each metric; none of a metric whose rule is switched off.

    It is that of the rule named after the metric, otherwise the lowest of those that are about nodes or hosts.
    """
    found: dict[str, float] = {}
    named: dict[str, float] = {}
    for rule in rules:
        if rule.each_threshold is not None or not rule.is_above:
            continue
        if rule.key == rule.metric:
            named[rule.metric] = rule.threshold
        elif rule.scope in (AlertScope.HOST, AlertScope.NODE):
            found[rule.metric] = min(rule.threshold, found.get(rule.metric, rule.threshold))
    return found | named


def as_json(rule: Rule) -> dict[str, Any]:
    """One rule; times in seconds, thresholds in the metric's own unit, a share of clients in percent."""
    return {
        "name": rule.key,
        "metric": rule.metric,
        "scope": rule.scope,
        "comparison": rule.comparison,
        "threshold": rule.threshold,
        "exit_threshold": rule.exit_threshold,
        "each_threshold": rule.each_threshold,
        "for_seconds": rule.for_seconds,
        "keep_firing_seconds": rule.keep_firing_seconds,
        "no_data": rule.no_data,
        "no_data_seconds": rule.no_data_seconds,
        "severity": rule.severity,
        "runbook": rule.runbook,
    }
