from dataclasses import replace

import pytest

from monitoring import conf
from monitoring.alerting.rules import as_rule, built_in_rules, in_force, rules_in_force
from monitoring.core.alert_rules import AlertScope, Comparison, NoData
from monitoring.models import AlertRule

WITH_REDIS = "redis://localhost:6379/0"


def row(name: str = "busy_loop", **fields) -> AlertRule:
    given = {"metric": "messages_per_second", "scope": "node", "threshold": 100.0} | fields
    return AlertRule(name=name, **given)


def test_the_built_in_rules_have_the_thresholds_of_the_settings():
    rules = built_in_rules(conf.load({"AVATAR_CPU_ALERT_THRESHOLD": "70", "AVATAR_ALERT_FOR_SECONDS": "3"}))
    assert (rules["cpu_percent"].threshold, rules["cpu_percent"].for_seconds) == (70, 3)


def test_cpu_memory_and_latency_wait_for_ten_seconds_and_stale_clients_do_not():
    rules = built_in_rules(conf.load({}))
    assert {name: rule.for_seconds for name, rule in rules.items()} == {
        "cpu_percent": 10,
        "memory_percent": 10,
        "latency_ms": 10,
        "stale_client_seconds": 0,
    }


def test_only_a_project_with_history_has_rules_about_it():
    assert "store_lag_seconds" not in built_in_rules(conf.load({}))
    assert "store_lag_seconds" in built_in_rules(conf.load({}, redis_url=WITH_REDIS))


def test_a_row_says_all_that_a_rule_says():
    rule = as_rule(
        row(
            scope="fleet",
            comparison="below",
            threshold=10.0,
            exit_threshold=20.0,
            for_seconds=30.0,
            keep_firing_seconds=40.0,
            no_data="fire",
            no_data_seconds=50.0,
            severity="critical",
            text="Nobody speaks",
            runbook="https://wiki.example/silence",
        )
    )
    assert (rule.key, rule.metric, rule.scope) == ("busy_loop", "messages_per_second", AlertScope.FLEET)
    assert (rule.comparison, rule.threshold, rule.exit_threshold) == (Comparison.BELOW, 10, 20)
    assert (rule.for_seconds, rule.keep_firing_seconds) == (30, 40)
    assert (rule.no_data, rule.no_data_seconds) == (NoData.FIRE, 50)
    assert (rule.severity, rule.message, rule.runbook) == ("critical", "Nobody speaks", "https://wiki.example/silence")


@pytest.mark.parametrize(
    ("comparison", "threshold", "exit_threshold"),
    [("above", 100.0, 95.0), ("below", 100.0, 105.0), ("above", -100.0, -105.0), ("above", 0.0, 0.0)],
)
def test_a_row_without_an_exit_threshold_has_one_on_the_other_side(comparison, threshold, exit_threshold):
    assert as_rule(row(comparison=comparison, threshold=threshold)).exit_threshold == exit_threshold


def test_a_row_replaces_the_built_in_rule_of_its_name_and_keeps_its_message():
    built_in = built_in_rules(conf.load({}))
    rules = in_force(built_in, [row("cpu_percent", metric="cpu_percent", scope="host", threshold=95.0)])
    expected = replace(built_in["cpu_percent"], threshold=95.0, exit_threshold=90.25)
    assert (rules["cpu_percent"].threshold, rules["cpu_percent"].message) == (95.0, expected.message)
    assert rules.keys() == built_in.keys()


def test_a_disabled_row_switches_the_built_in_rule_off():
    rules = in_force(
        built_in_rules(conf.load({})),
        [row("latency_ms", metric="latency_ms", threshold=1.0, enabled=False), row(enabled=False)],
    )
    assert rules.keys() == {"cpu_percent", "memory_percent", "stale_client_seconds"}


@pytest.mark.django_db
def test_rows_are_in_force_if_the_project_has_redis(settings):
    row().save()
    settings.REDIS_URL = WITH_REDIS
    assert rules_in_force()["busy_loop"].threshold == 100
    settings.REDIS_URL = ""
    assert "busy_loop" not in rules_in_force()
