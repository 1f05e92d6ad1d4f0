from monitoring import Rule, current_monitor, runtime
from monitoring.conf import MonitoringSettings
from tests.monitoring.batches import MINUTE


def test_a_project_watches_a_value_of_its_own(in_memory_layer, monkeypatch):
    built = runtime.build(MonitoringSettings())
    monkeypatch.setattr(runtime, "current", lambda: built)
    rule = Rule("waiting_orders", 100, 80, "warning", "{value:.0f} orders are waiting for {subject}")
    current_monitor().watch(rule, "shop", lambda: 120.0)
    (alert,) = current_monitor().tick(MINUTE).alerts
    assert (alert.metric, alert.message) == ("waiting_orders", "120 orders are waiting for shop")


def test_while_monitoring_is_off_there_is_none(monkeypatch):
    off = runtime.build(MonitoringSettings(enabled=False))
    monkeypatch.setattr(runtime, "current", lambda: off)
    assert current_monitor() is None
