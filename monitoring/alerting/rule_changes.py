"""A rule with other numbers, to be tried beside the one in force."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.rules import default_exit
from monitoring.core.alert_metrics import problems_of
from monitoring.core.alert_rules import Rule

CHANGEABLE = ("threshold", "exit_threshold", "for_seconds", "keep_firing_seconds")


class ImpossibleRuleError(ValueError):
    """A number that a rule cannot have; the text names the `field`, its value and what is allowed."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.field, _, self.fault = problem.partition("=")


def changed_rule(rule: Rule, **numbers: float | None) -> Rule:
    """The rule with these numbers instead of its own, where they are not None; they are named as its fields.

    Another threshold without an exit threshold brings its own: 5 % on its other side, or the threshold itself where
    they were equal. Raises ImpossibleRuleError.
    """
    given = {name: value for name, value in numbers.items() if value is not None}
    changed = replace(rule, **given)  # type: ignore[arg-type]
    if "threshold" in given and "exit_threshold" not in given:
        is_equal = rule.exit_threshold == rule.threshold
        changed = replace(changed, exit_threshold=changed.threshold if is_equal else default_exit(changed))
    for problem in problems_of(changed, {rule.metric}):
        raise ImpossibleRuleError(problem)
    return changed
