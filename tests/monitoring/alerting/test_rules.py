from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitoring import conf
from monitoring.alerting.rules import as_row, as_rule, in_force, problems_by_column, rules_in_force
from monitoring.core.alert_rules import AlertScope, Comparison, NoData
from monitoring.models import AlertRule, OwnGauge

WITH_REDIS = "redis://localhost:6379/0"


def row(name: str = "busy_loop", **fields) -> AlertRule:
    given = {"metric": "messages_per_second", "scope": "node", "threshold": 100.0} | fields
    return AlertRule(name=name, **given)


def test_the_built_in_rules_have_the_thresholds_of_the_settings():
    rules = conf.load({"AVATAR_CPU_ALERT_THRESHOLD": "70", "AVATAR_ALERT_FOR_SECONDS": "3"}).alert_rules
    assert (rules["cpu_percent"].threshold, rules["cpu_percent"].for_seconds) == (70, 3)


def test_cpu_memory_and_latency_wait_for_ten_seconds_and_stale_clients_do_not():
    rules = conf.load({}).alert_rules
    assert {name: rule.for_seconds for name, rule in rules.items()} == {
        "cpu_percent": 10,
        "memory_percent": 10,
        "latency_ms": 10,
        "stale_client_seconds": 0,
    }


def test_only_a_project_with_history_has_rules_about_it():
    assert "store_lag_seconds" not in conf.load({}).alert_rules
    assert "store_lag_seconds" in conf.load({}, redis_url=WITH_REDIS).alert_rules


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
    built_in = conf.load({}).alert_rules
    rules = in_force(built_in, [row("cpu_percent", metric="cpu_percent", scope="host", threshold=95.0)])
    expected = replace(built_in["cpu_percent"], threshold=95.0, exit_threshold=90.25)
    assert (rules["cpu_percent"].threshold, rules["cpu_percent"].message) == (95.0, expected.message)
    assert rules.keys() == built_in.keys()


def test_a_disabled_row_switches_the_built_in_rule_off():
    rules = in_force(
        conf.load({}).alert_rules,
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


def test_a_row_that_nobody_could_have_saved_in_the_admin_changes_nothing(caplog):
    built_in = conf.load({}).alert_rules
    rows = [
        row("cpu_percent", metric="cpu_percent", scope="host", text="{value.__class__}"),
        row("other", scope="galaxy"),
    ]
    assert in_force(built_in, rows) == built_in
    assert "the rule cpu_percent: it is not in force: message=" in caplog.text
    assert "the rule other: it is not in force: 'galaxy' is not a valid AlertScope" in caplog.text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metric": "p99_latency_ms"}, "Latency, 99th percentile: 250.0 ms, above 100 ms"),
        ({"metric": "coverage_percent", "comparison": "below"}, "Coverage: 250.0%, below 100%"),
        (
            {"metric": "fps", "comparison": "below", "threshold": 20.0, "each_threshold": 30.0},
            "Client frame rate below 30 fps: 250% of clients, above 20%",
        ),
        ({"metric": "latency_ms", "scope": "client"}, "ann: Latency: 250.0 ms, above 100 ms"),
        ({"metric": "waiting_orders"}, "waiting_orders: 250.0, above 100"),
    ],
)
@pytest.mark.django_db
def test_a_rule_without_a_text_says_what_it_measures(fields, message):
    assert as_rule(row(**fields)).message.format(value=250.0, subject="ann") == message


def test_a_built_in_rule_that_is_turned_round_has_another_message():
    built_in = conf.load({}).alert_rules["cpu_percent"]
    turned = row("cpu_percent", metric="cpu_percent", scope="host", comparison="below", threshold=1.0)
    assert as_rule(turned, built_in).message == "CPU: {value:.1f}%, below 1%"


@pytest.mark.parametrize("name", list(conf.load({}, redis_url=WITH_REDIS).alert_rules))
def test_a_row_made_of_a_built_in_rule_is_that_rule(name):
    rule = conf.load({}, redis_url=WITH_REDIS).alert_rules[name]
    made = as_row(rule)
    assert replace(as_rule(made, rule), name="") == rule
    assert problems_by_column(made) == {}


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"exit_threshold": 101.0}, {"exit_threshold": ["101: must be at most the threshold, 100"]}),
        ({"scope": "host"}, {"scope": ["host: must be node or fleet for messages_per_second"]}),
        (
            {"metric": "fps", "threshold": 120.0, "each_threshold": 30.0},
            {"threshold": ["120: must be 0 to less than 100, a share of clients in percent"]},
        ),
        (
            {"name": "cpu_percent"},
            {"name": ["cpu_percent: is the name of a built-in rule, whose metric is cpu_percent and whose scope host"]},
        ),
        ({"name": "connections"}, {"name": ["connections: is the name of another metric"]}),
        ({"runbook": "ftp://x"}, {"runbook": ["ftp://x: must be an address that begins with https:// or http://"]}),
    ],
)
def test_what_is_wrong_with_a_row_is_said_of_its_columns(fields, problems):
    assert problems_by_column(row(**fields)) == problems


def test_a_text_may_have_the_value_and_the_subject_and_nothing_else_in_braces():
    (problem,) = problems_by_column(row(text="{password}"))["text"]
    assert problem.startswith("{password}: may have {value}")


@pytest.mark.django_db
def test_a_rule_about_a_gauge_says_what_people_call_it():
    day = datetime(2026, 11, 27, tzinfo=UTC)
    OwnGauge.objects.create(name="waiting", label="Orders {waiting}", unit="orders", first_seen=day, last_seen=day)
    assert as_rule(row(metric="waiting")).message.format(value=250.0, subject="ann") == (
        "Orders {waiting}: 250.0 orders, above 100 orders"
    )


@pytest.mark.django_db
def test_a_metric_may_be_a_gauge_of_the_project():
    assert "metric" in problems_by_column(row(metric="waiting_orders"))
    assert problems_by_column(row(metric="waiting_orders"), {"waiting_orders"}) == {}
