from datetime import timedelta

import pytest
from django.db import connections

from monitoring import site
from monitoring.columns import timestamp
from monitoring.models import Alert, ClientSession, Node
from monitoring.site import SiteUnknownError
from monitoring.storage.leftovers import store_leftovers
from tests.monitoring.batches import MINUTE, alert, append, batch, sample, session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_connection(monkeypatch):
    """The test's transaction is in it."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def journal(redis, redis_url, settings):
    settings.REDIS_URL = redis_url
    return redis


def test_a_stopped_nodes_last_batches_are_stored_without_a_worker(journal):
    append(journal, batch(sample(), alerts=[alert("firing"), alert("resolved", MINUTE + 9.0, ended="server stopped")]))
    store_leftovers(lambda _seconds: None)
    assert Alert.objects.get().ended == "server stopped"


def test_a_killed_nodes_open_records_are_closed_after_enough_silence(journal):
    def wait(seconds: float) -> None:
        Node.objects.update(last_seen=Node.objects.get().last_seen - timedelta(seconds=seconds))

    append(journal, batch(sample(), sessions=[session()], alerts=[alert("firing")], says_when_leaving=True))
    store_leftovers(wait)
    assert (Alert.objects.get().ended, Alert.objects.get().ended_at) == ("monitoring off", timestamp(MINUTE + 5))
    assert ClientSession.objects.get().ended == "node gone"
    assert not Alert.objects.of_rule("node_gone").exists()


def test_a_redis_outage_does_not_fail_the_site(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    store_leftovers(lambda _seconds: None)
    assert "Cannot store what was measured" in caplog.text


def test_a_database_outage_does_not_fail_the_site(journal, monkeypatch, caplog):
    def unknown() -> str:
        raise SiteUnknownError("Cannot read the site's name from the database: it is away")

    monkeypatch.setattr(site, "name", unknown)
    store_leftovers(lambda _seconds: None)
    assert caplog.text.count("it is away") == 3
