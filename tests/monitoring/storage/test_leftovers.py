from datetime import timedelta

import pytest
from django.db import connections

from monitoring.columns import timestamp
from monitoring.models import Alert, Node
from monitoring.storage.leftovers import store_leftovers
from tests.monitoring.batches import MINUTE, alert, append, batch, sample

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_connection(monkeypatch):
    """The test's transaction is in it."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def journal(redis, redis_url, settings):
    settings.REDIS_URL = redis_url
    return redis


def test_what_a_stopped_node_told_last_is_stored_though_no_worker_is_there(journal):
    append(journal, batch(sample(), alerts=[alert("firing"), alert("resolved", MINUTE + 9.0, ended="server stopped")]))
    store_leftovers(lambda _seconds: None)
    assert Alert.objects.get().ended == "server stopped"


def test_what_a_killed_node_left_open_is_closed_when_it_has_been_silent_for_long_enough(journal):
    def wait(seconds: float) -> None:
        assert Alert.objects.get().state == "firing"
        Node.objects.update(last_seen=Node.objects.get().last_seen - timedelta(seconds=seconds))

    append(journal, batch(sample(), alerts=[alert("firing")]))
    store_leftovers(wait)
    assert (Alert.objects.get().ended, Alert.objects.get().ended_at) == ("node gone", timestamp(MINUTE + 5))


def test_a_redis_that_is_away_is_no_failure_of_the_site(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    store_leftovers(lambda _seconds: None)
    assert "Cannot store what was measured" in caplog.text
