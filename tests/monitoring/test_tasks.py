import logging

import pytest

from avatar_site.celery import app
from monitoring.models import Day, Minute
from monitoring.tasks import prune, roll_up, store_snapshots
from tests.monitoring.batches import append, batch, minute, sample

pytestmark = pytest.mark.django_db


def test_it_stores_the_journal_and_returns_the_counts(redis, caplog):
    append(redis, batch(sample(messages=4)))
    with caplog.at_level(logging.INFO, "monitoring"):
        assert store_snapshots() == "stored 1 batch into 1 minute"
    assert Minute.objects.of_each_node().get().messages == 4
    assert "stored 1 batch" in caplog.text


def test_it_rolls_up_and_returns_the_counts(caplog):
    minute()
    with caplog.at_level(logging.INFO, "monitoring"):
        assert roll_up() == "rolled up 1 hour and 1 day"
    assert "rolled up 1 hour" in caplog.text


def test_it_deletes_old_records_and_returns_the_counts():
    minute()
    roll_up()
    # 2023 is long ago; the node's and the fleet's minute and hour go, the days stay.
    assert prune() == "deleted 2 minutes, 2 hours, 0 sessions, 0 alerts, 0 notices and 0 nodes"
    assert Day.objects.count() == 2


@pytest.mark.parametrize("task", [store_snapshots, roll_up, prune], ids=lambda task: task.name)
def test_beat_runs_each_task_under_its_name(task):
    assert task.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_celerys_keys_carry_the_sites_name():
    assert app.conf.broker_transport_options == {"global_keyprefix": "avatar:test:celery:"}
