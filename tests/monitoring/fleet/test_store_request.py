"""Celery requests, through a real broker."""

import json
import sys
from collections.abc import Iterator

import pytest
from celery import Celery, current_app
from kombu.exceptions import OperationalError

from avatar_site.configuration.service_urls import broker_url
from monitoring import BEAT
from monitoring.fleet import store_request


@pytest.fixture
def app(redis_url) -> Iterator[Celery]:
    before = current_app._get_current_object()
    app = Celery("project", broker=broker_url(redis_url))
    app.conf.beat_schedule = dict(BEAT)
    yield app
    before.set_current()


def test_the_task_is_sent_to_be_run_at_once_in_the_queue_of_beats_own(app, redis):
    name = "avatar-monitoring-store-snapshots"
    app.conf.beat_schedule[name] = {**BEAT[name], "options": {**BEAT[name]["options"], "queue": "slow"}}
    store_request.send(app)
    message = json.loads(redis.lindex("slow", 0))
    assert message["headers"]["task"] == "avatar_monitoring.store_snapshots"
    assert message["headers"]["eta"] is None
    assert message["headers"]["expires"] is not None


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_broker_that_is_away_is_not_waited_for(app, broker):
    app.conf.broker_url = broker
    with pytest.raises((OperationalError, OSError)):
        store_request.send(app)


def test_only_an_application_that_stores_the_journal_is_asked(app, monkeypatch):
    assert store_request.scheduling_app() is app
    app.conf.beat_schedule = {"mine": {"task": "shop.mail"}}
    assert store_request.scheduling_app() is None
    monkeypatch.delitem(sys.modules, "celery")
    assert store_request.scheduling_app() is None
