"""Asking for notices to be sent, over a real Redis."""

import logging

import pytest
from django.db import transaction

from monitoring import delivery_request
from monitoring.alerting import prompt_delivery
from monitoring.alerting.connected import connected
from monitoring.alerting.outbox import plan_notices
from monitoring.delivery_request import Requests
from monitoring.fleet import store_request
from monitoring.site import key_of
from tests.monitoring.alerting.rows import NOW, channel, firing_alert
from tests.site import eventually


@pytest.fixture(autouse=True)
def wake(settings, monkeypatch) -> str:
    """The key of the list on which `store_history --loop` waits; no Celery application is here."""
    monkeypatch.setattr(store_request, "scheduling_app", lambda: None)
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "asked"}
    return key_of("asked", "wake")


@pytest.fixture
def requests(monkeypatch) -> Requests:
    """Those of a process in which nobody has asked yet."""
    monkeypatch.setattr(delivery_request, "requests", Requests())
    return delivery_request.requests


@pytest.mark.django_db(transaction=True)
def test_what_is_written_into_the_outbox_is_asked_for_when_its_transaction_has_committed(redis, wake, requests):
    channel()
    with transaction.atomic():
        firing_alert()
        assert plan_notices(NOW) == 1
        assert not redis.exists(wake)
    eventually(lambda: redis.llen(wake) == 1)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_asked_by_who_sends_itself_or_has_written_nothing(redis, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(connected, "ask_to_send", lambda: asked.append("asked"))
    channel()
    plan_notices(NOW)
    firing_alert()
    with prompt_delivery.sent_after():
        assert plan_notices(NOW) == 1
    assert asked == []


def test_however_often_it_is_asked_one_entry_wakes_one_reader(redis, wake, requests):
    for _ in range(2):
        requests.ask()
        eventually(lambda: not requests._is_running)
    assert redis.llen(wake) == 1


def test_a_worker_is_asked_if_this_process_has_its_application(redis, requests, monkeypatch):
    application = object()
    sent: list[object] = []
    monkeypatch.setattr(store_request, "scheduling_app", lambda: application)
    monkeypatch.setattr(store_request, "send", sent.append)
    requests.ask()
    eventually(lambda: sent == [application])


def test_whoever_asks_is_not_told_that_redis_is_away_and_the_log_says_it_once(settings, requests, caplog):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            requests.ask()
            eventually(lambda: not requests._is_running)
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "Cannot ask that notices be sent at once"
    ]
