import logging

import pytest

from avatar_site.celery import app
from monitoring.models import Minute
from monitoring.tasks import store_snapshots
from tests.monitoring.batches import append, batch, sample

pytestmark = pytest.mark.django_db


def test_it_stores_the_journal_and_says_how_much_that_was(redis, caplog):
    append(redis, batch(sample(messages=4)))
    with caplog.at_level(logging.INFO, "monitoring"):
        assert store_snapshots() == "stored 1 batches into 1 minutes"
    assert Minute.objects.get().messages == 4
    assert "stored 1 batches" in caplog.text


def test_beat_runs_it_under_the_name_that_it_has():
    assert app.conf.beat_schedule["store-snapshots"]["task"] == store_snapshots.name
