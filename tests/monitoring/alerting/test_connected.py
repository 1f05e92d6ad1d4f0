import pytest
from django.apps import apps

from monitoring.alerting import prompt_delivery
from monitoring.alerting.connected import ConnectedFunctions, connected


def test_the_app_connects_what_the_packages_above_do():
    apps.get_app_config("avatar_monitoring").ready()
    assert connected != ConnectedFunctions()


def test_whoever_needs_what_is_not_connected_learns_it(monkeypatch):
    alone = ConnectedFunctions()
    with pytest.raises(RuntimeError, match="nothing is connected"):
        alone.refresh([])
    monkeypatch.setattr(connected, "ask_to_send", alone.ask_to_send)
    with pytest.raises(RuntimeError, match="nothing is connected"):
        prompt_delivery.ask()
