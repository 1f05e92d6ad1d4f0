"""The rules in force: the built-in ones, which settings may change, and those that are rows."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from monitoring import conf
from monitoring.core.alert_instructions import version_of
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME, AlertMetric, problems_of
from monitoring.core.alert_rules import OF_HISTORY, AlertScope, Comparison, NoData, Rule
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.models import AlertRule, OwnGauge

EXIT_PERCENT = 5.0
"""How far on the other side of its threshold a rule ends that names no exit threshold."""

COLUMNS = {"message": "text"}
"""The columns of rows whose names are not those of a rule's fields."""

said = SaidOnce(logging.getLogger(__name__))


def built_in_rules() -> dict[str, Rule]:
    """The rules that no row has to define, by name, with the thresholds of the settings."""
    return conf.current().alert_rules


class RulesInForce(NamedTuple):
    """All rules by name, and a text that is another one whenever a row has changed one, as in frames."""

    rules: dict[str, Rule]
    version: str


def rules_in_force() -> dict[str, Rule]:
    """All rules that decide about alerts now, of every scope, by name.

    A row replaces the built-in rule of its name, and one that is disabled switches it off. Rows have no effect without
    REDIS_URL, through which nodes learn of them. Raises django.db.Error while the database cannot be used.
    """
    return in_force_now().rules


def in_force_now() -> RulesInForce:
    """The rules in force with their version. Raises django.db.Error while the database cannot be used."""
    rows = list(AlertRule.objects.by_name()) if conf.current().redis_url else []
    rules, off = of_rows(rows)
    return RulesInForce(in_force(built_in_rules(), rows), version_of(rules, off))


def in_force(built_in: Mapping[str, Rule], rows: Iterable[AlertRule]) -> dict[str, Rule]:
    """The built-in rules with the rows' changes. A row that cannot be used changes nothing, and the log says why."""
    rules, off = of_rows(rows, built_in)
    kept = {name: rule for name, rule in built_in.items() if name not in off}
    return kept | {rule.key: rule for rule in rules}


def of_rows(rows: Iterable[AlertRule], built_in: Mapping[str, Rule] | None = None) -> tuple[list[Rule], list[str]]:
    """The usable rules that are rows, and the names of the rules that rows switch off."""
    built_in = built_in_rules() if built_in is None else built_in
    rows = list(rows)
    found = [usable(row, built_in.get(row.name)) for row in rows if row.enabled]
    return [rule for rule in found if rule is not None], [row.name for row in rows if not row.enabled]


def usable(row: AlertRule, built_in: Rule | None = None) -> Rule | None:
    """The rule that a row describes; None if something is wrong with it, which the admin would have refused."""
    try:
        rule = as_rule(row, built_in)
        # Which gauges the project has is for nodes to know.
        problem = next(iter(problems_of(rule, {row.metric})), None)
    except ValueError as error:
        rule, problem = None, str(error)
    if problem:
        said.warn("The row", f"the rule {row.name}", f"it is not in force: {problem}")
        return None
    return rule


def as_rule(row: AlertRule, built_in: Rule | None = None) -> Rule:
    """The rule that a row describes; what a row cannot say is that of the built-in rule that it replaces.

    Raises ValueError for a scope, a comparison or a behaviour without data that does not exist.
    """
    base = built_in or Rule(row.metric, row.threshold, row.threshold, row.severity, "")
    rule = replace(
        base,
        name=row.name,
        metric=row.metric,
        scope=AlertScope(row.scope),
        comparison=Comparison(row.comparison),
        threshold=row.threshold,
        each_threshold=row.each_threshold,
        for_seconds=row.for_seconds,
        keep_firing_seconds=row.keep_firing_seconds,
        no_data=NoData(row.no_data),
        no_data_seconds=row.no_data_seconds,
        severity=row.severity,
        runbook=row.runbook,
    )
    return replace(
        rule,
        exit_threshold=default_exit(rule) if row.exit_threshold is None else row.exit_threshold,
        message=row.text or (base.message if is_alike(rule, base) else "") or default_message(rule),
    )


def as_row(rule: Rule) -> AlertRule:
    """An unsaved row that says what the rule says, to be changed: how a built-in rule is overridden."""
    return AlertRule(
        name=rule.key,
        metric=rule.metric,
        scope=rule.scope.value,
        comparison=rule.comparison.value,
        threshold=rule.threshold,
        exit_threshold=rule.exit_threshold,
        each_threshold=rule.each_threshold,
        for_seconds=rule.for_seconds,
        keep_firing_seconds=rule.keep_firing_seconds,
        no_data=rule.no_data.value,
        no_data_seconds=rule.no_data_seconds,
        severity=rule.severity,
        runbook=rule.runbook,
    )


def is_alike(rule: Rule, base: Rule) -> bool:
    """Whether a message for one describes the other too."""
    return (rule.comparison, rule.each_threshold) == (base.comparison, base.each_threshold)


def default_exit(rule: Rule) -> float:
    """The exit threshold of a rule that names none: 5 % of the threshold on its other side."""
    margin = abs(rule.threshold) * EXIT_PERCENT / 100
    return rule.threshold - margin if rule.is_above else rule.threshold + margin


def default_message(rule: Rule) -> str:
    """The message of a rule that has no text of its own, as a format string for `value` and `subject`."""
    metric = ALERT_METRICS_BY_NAME.get(rule.metric) or _own_metric(rule.metric)
    whose = "{subject}: " if rule.scope is AlertScope.CLIENT else ""
    if rule.each_threshold is not None:
        each = _amount(f"{rule.each_threshold:g}", metric.unit)
        return f"{whose}{metric.label} {rule.comparison} {each}: {{value:.0f}}% of clients, above {rule.threshold:g}%"
    limit = _amount(f"{rule.threshold:g}", metric.unit)
    return f"{whose}{metric.label}: {_amount('{value:.1f}', metric.unit)}, {rule.comparison} {limit}"


def _own_metric(name: str) -> AlertMetric:
    """What people call a gauge of the project; by its name until a node has measured it."""
    gauge = OwnGauge.objects.of([name]).first()
    # These stand in a format string.
    label, unit = (gauge.label, gauge.unit) if gauge else (name, "")
    return AlertMetric(_literal(label or name), _literal(unit), ())


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _amount(number: str, unit: str) -> str:
    return f"{number}{unit}" if unit == "%" else f"{number} {unit}".strip()


def problems_by_column(row: AlertRule, gauges: Collection[str] = ()) -> dict[str, list[str]]:
    """What is wrong with a row, by its columns: what is not allowed, with the value.

    `gauges` are the names of the project's own gauges.
    """
    built_in = {**built_in_rules(), **OF_HISTORY}
    found: dict[str, list[str]] = {}
    for line in problems_of(as_rule(row, built_in.get(row.name)), gauges):
        column, _, said_of_it = line.partition("=")
        found.setdefault(COLUMNS.get(column, column), []).append(said_of_it)
    taken = built_in.get(row.name)
    if taken is not None and (row.metric, row.scope) != (taken.metric, taken.scope):
        found.setdefault("name", []).append(
            f"{row.name}: is the name of a built-in rule, whose metric is {taken.metric} and whose scope {taken.scope}"
        )
    elif taken is None and row.name != row.metric and row.name in ALERT_METRICS_BY_NAME:
        found.setdefault("name", []).append(f"{row.name}: is the name of another metric")
    return found
