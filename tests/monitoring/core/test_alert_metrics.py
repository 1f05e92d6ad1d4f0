import math
from dataclasses import replace

import pytest

from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME, problems_of
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
from monitoring.history.series import METRICS

RULE = Rule("cpu_percent", 80.0, 76.0, "warning", "High: {value:.1f}% on {subject}", scope=AlertScope.HOST)
SLOW = replace(
    RULE, metric="fps", scope=AlertScope.FLEET, threshold=20.0, exit_threshold=15.0, each_threshold=30.0,
    comparison=Comparison.BELOW,
)  # fmt: skip


def test_rules_that_work_have_no_problem():
    built_in = [*default_rules({}).values(), JOURNAL_LAG, STORE_LAG, CLOCK_SKEW, EVICTABLE]
    assert [problems_of(rule) for rule in (RULE, SLOW, *built_in)] == [[]] * (2 + len(built_in))


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (replace(RULE, name="CPU"), "name=CPU: must be 1 to 64 small letters, digits and underscores, a letter first"),
        (replace(RULE, metric="cpu"), "metric=cpu: must be one of cpu_percent, "),
        (replace(RULE, scope=AlertScope.CLIENT), "scope=client: must be host or fleet for cpu_percent"),
        (replace(RULE, each_threshold=3.0), "each_threshold=3: must be left out for cpu_percent; latency_ms or fps or"),
        (
            replace(SLOW, scope=AlertScope.CLIENT),
            "each_threshold=30: must be left out in a rule about single clients",
        ),
        (
            replace(SLOW, scope=AlertScope.CLIENT, each_threshold=None, exit_threshold=25.0, no_data=NoData.FIRE),
            "no_data=fire: must be resolve or keep in a rule about single clients",
        ),
        (replace(SLOW, each_threshold=0.0), "each_threshold=0: must be above 0 fps"),
        (replace(SLOW, threshold=100.0), "threshold=100: must be 0 to less than 100, a share of clients in percent"),
        (replace(RULE, threshold=math.inf), "threshold=inf: must be -1e+12 to 1e+12"),
        (replace(RULE, exit_threshold=81.0), "exit_threshold=81: must be at most the threshold, 80"),
        (
            replace(RULE, comparison=Comparison.BELOW, exit_threshold=79.0),
            "exit_threshold=79: must be at least the threshold, 80",
        ),
        (replace(RULE, for_seconds=-1.0), "for_seconds=-1: must be 0 to 86400 s"),
        (replace(RULE, keep_firing_seconds=math.nan), "keep_firing_seconds=nan: must be 0 to 86400 s"),
        (replace(RULE, severity="bad"), "severity=bad: must be critical or warning or info"),
        (replace(RULE, message="x" * 201), "message=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…: must be at most 200"),
        (
            replace(RULE, message="{value.__class__}"),
            "message={value.__class__}: may have {value}, such as {value:.1f}",
        ),
        (replace(RULE, message="{value:9999999999}"), "message={value:9999999999}: may have {value}"),
        (replace(RULE, message="{"), "message={: may have {value}"),
        (replace(RULE, message="{0}"), "message={0}: may have {value}"),
        (replace(RULE, runbook="javascript:alert(1)"), "runbook=javascript:alert(1): must be an address that begins"),
    ],
)
def test_a_problem_names_the_field_its_value_and_what_is_allowed(rule, problem):
    (found,) = problems_of(rule)
    assert found.startswith(problem)


def test_a_host_s_own_gauges_may_be_watched():
    rule = replace(RULE, metric="waiting_orders", scope=AlertScope.NODE)
    assert problems_of(rule, ["waiting_orders"]) == []
    assert len(problems_of(rule)) == 1


def test_metrics_have_the_names_labels_and_units_of_charts():
    charted = {name: (metric.label, metric.unit) for name, metric in METRICS.items()}
    catalogue = {name: (metric.label, metric.unit) for name, metric in ALERT_METRICS_BY_NAME.items()}
    assert charted.items() <= catalogue.items()
