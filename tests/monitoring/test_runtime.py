import logging

import pytest

from monitoring import conf
from monitoring.conf import MonitoringSettings
from monitoring.core.alert_rules import Rule
from monitoring.fleet.clock_skew import ClockSkew
from monitoring.journal.writer import JournalWriter
from monitoring.runtime import Runtime, build, current_monitor
from tests.monitoring.batches import MINUTE


@pytest.fixture
def runtime(settings, tmp_path, in_memory_layer) -> Runtime:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    settings.AVATAR_SPILL_DIR = tmp_path
    # A busy machine is none of these tests' business.
    settings.AVATAR_MONITORING = {"AVATAR_CPU_ALERT_THRESHOLD": "100", "AVATAR_MEMORY_ALERT_THRESHOLD": "100"}
    return build(conf.current())


def test_frames_contain_the_state_of_the_journal(runtime):
    tick = runtime.monitor.tick()
    assert runtime.hub.report(tick, []).server["journal"]["lag_seconds"] == 0.0


def test_a_journal_that_accepts_nothing_is_an_alert(runtime, monkeypatch):
    monkeypatch.setattr(JournalWriter, "lag_seconds", 30.0)
    assert runtime.monitor.tick(MINUTE + 1).alerts == []
    monkeypatch.setattr(JournalWriter, "lag_seconds", 30.1)
    (alert,) = runtime.monitor.tick(MINUTE + 2).alerts
    assert (alert.metric, alert.subject, alert.severity) == ("journal_lag_seconds", runtime.monitor.node, "warning")
    assert "has been waiting on this server for 30s" in alert.message


def test_a_journal_that_nobody_stores_is_an_alert_of_the_whole_fleet(runtime, monkeypatch):
    monkeypatch.setattr(JournalWriter, "store_lag", 301.0)
    (alert,) = runtime.monitor.tick(MINUTE).alerts
    assert (alert.metric, alert.subject, alert.threshold) == ("store_lag_seconds", "journal", 300.0)


def test_without_a_directory_history_is_kept_in_memory_and_this_is_logged_once(settings, in_memory_layer, caplog):
    del settings.AVATAR_SPILL_DIR
    journal = build(conf.current()).journal
    assert not journal.state.on_disk
    assert [record.levelno for record in caplog.records if "AVATAR_SPILL_DIR" in record.message] == [logging.WARNING]


def test_without_redis_there_is_no_journal(settings, in_memory_layer, caplog):
    settings.REDIS_URL = None
    runtime = build(conf.current())
    assert runtime.journal is None
    assert runtime.hub.report(runtime.monitor.tick(), []).server["journal"] is None
    assert "no history is kept" in caplog.text


def test_with_monitoring_disabled_nothing_is_built():
    assert build(MonitoringSettings(enabled=False)) == Runtime(hub=None, monitor=None)


@pytest.mark.parametrize(("skew", "alerts"), [(0.9, []), (-1.0, []), (1.1, [1.1]), (-5.0, [5.0]), (None, [])])
def test_a_hosts_clock_that_is_off_by_more_than_a_second_is_an_alert(runtime, monkeypatch, skew, alerts):
    monkeypatch.setattr(ClockSkew, "seconds", skew)
    found = runtime.monitor.tick(MINUTE).alerts
    assert [(alert.metric, alert.subject, alert.value) for alert in found] == [
        ("clock_skew_seconds", runtime.monitor.host, value) for value in alerts
    ]
    assert runtime.hub.report(runtime.monitor.tick(MINUTE + 1), []).clock_skew_seconds == skew


def test_a_project_watches_a_value_of_its_own(runtime, monkeypatch):
    monkeypatch.setattr("monitoring.runtime.current", lambda: runtime)
    rule = Rule("waiting_orders", 100, 80, "warning", "{value:.0f} orders are waiting for {subject}")
    current_monitor().watch(rule, "shop", lambda: 120.0)
    (alert,) = runtime.monitor.tick(MINUTE).alerts
    assert (alert.metric, alert.message) == ("waiting_orders", "120 orders are waiting for shop")
