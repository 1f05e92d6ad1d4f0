import pytest
from django.db import DatabaseError

from dashboard import shown_rules
from monitoring.models import AlertRule
from tests.dashboard.test_views import body, config_of

pytestmark = pytest.mark.django_db


def row(name: str, **fields) -> AlertRule:
    given = {"metric": name, "scope": "node", "threshold": 50.0, "exit_threshold": 40.0} | fields
    return AlertRule.objects.create(name=name, **given)


def shown(viewer) -> dict:
    return viewer.get("/alerts/rules.json").json()


def test_the_page_and_what_it_fetches_have_the_rules_in_force(viewer):
    row("latency_ms", for_seconds=3, keep_firing_seconds=4)
    answer = shown(viewer)
    config = config_of(body(viewer.get("/")))
    assert {name: config[name] for name in answer} == answer
    assert config["rules_url"] == "/alerts/rules.json"
    (latency,) = (rule for rule in answer["rules"] if rule["name"] == "latency_ms")
    assert (latency["threshold"], latency["exit_threshold"]) == (50, 40)
    assert (latency["for_seconds"], latency["keep_firing_seconds"]) == (3, 4)
    assert answer["thresholds"]["latency_ms"] == 50


def test_the_version_changes_with_a_rule(viewer):
    before = shown(viewer)["rules_version"]
    row("latency_ms")
    assert before != shown(viewer)["rules_version"] != ""


def test_a_rule_that_is_switched_off_has_no_limit(viewer):
    row("latency_ms", enabled=False)
    assert "latency_ms" not in shown(viewer)["thresholds"]
    assert shown(viewer)["thresholds"]["cpu_percent"] == 80


def test_a_metric_without_a_rule_of_its_name_has_the_lowest_limit_of_its_hosts_and_nodes(viewer):
    row("busy", metric="loop_lag_ms", threshold=90.0)
    row("lagging", metric="loop_lag_ms", threshold=70.0)
    row("few", metric="connections", comparison="below", threshold=3.0, exit_threshold=5.0)
    row("slow_clients", metric="fps", comparison="below", each_threshold=30.0, threshold=20.0, exit_threshold=10.0)
    limits = shown(viewer)["thresholds"]
    assert limits["loop_lag_ms"] == 70
    assert limits.keys().isdisjoint({"connections", "fps"})


def test_while_the_database_cannot_tell_pages_show_the_built_in_rules(viewer, monkeypatch):
    def broken():
        raise DatabaseError("no such table: avatar_monitoring_alertrule")

    monkeypatch.setattr(shown_rules, "in_force_now", broken)
    answer = shown(viewer)
    assert (answer["rules_version"], answer["thresholds"]["cpu_percent"]) == ("", 80)


def test_only_viewers_are_told(client):
    assert client.get("/alerts/rules.json").status_code == 401
