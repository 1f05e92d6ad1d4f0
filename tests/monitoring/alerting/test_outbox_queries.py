"""What planning notices costs the database: it runs in the transaction that stores, and others wait for that."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.alerting.outbox import plan_notices
from monitoring.models import Notice
from tests.monitoring.alerting.rows import NOW, after, channel, end, firing_alert

pytestmark = pytest.mark.django_db

AT_MOST = 19
"""With 12 of them when there is nothing to tell."""


@pytest.fixture(autouse=True)
def one_statement_for_many_rows(monkeypatch):
    """SQLite takes a few hundred rows in one statement; how many is not what these tests are about."""
    monkeypatch.setattr(type(connection.ops), "bulk_batch_size", lambda _ops, _fields, rows: len(rows))


def planned(moment, number: int) -> int:
    """How many queries it takes to write so many notices."""
    with CaptureQueriesContext(connection) as asked:
        assert plan_notices(moment) == number
    return len(asked)


@pytest.mark.parametrize("alerts", [1, 10, 100])
@pytest.mark.parametrize("kind", ["webhook", "alertmanager"])
def test_queries_do_not_grow_with_alerts_their_rules_and_channels(alerts, kind):
    for number in range(5):
        channel(f"operators {number}", kind=kind)
    # Each has a rule of its own, about a gauge of the project.
    fired = [firing_alert(rule=f"gauge_{number}") for number in range(alerts)]
    notices = 5 * alerts
    assert planned(NOW, notices) <= AT_MOST
    assert planned(after(seconds=1), 0) <= AT_MOST
    for repetition in (1, 2):
        Notice.objects.update(sent_at=after(hours=4 * repetition))
        assert planned(after(hours=5 * repetition), notices) <= AT_MOST
    for alert in fired:
        end(alert, after(hours=11))
    assert planned(after(hours=11), notices) <= AT_MOST


def test_alerts_of_one_rule_cost_no_more_than_one():
    channel()
    for number in range(100):
        firing_alert(f"web-{number}")
    assert planned(NOW, 1) <= AT_MOST


def test_a_database_that_does_not_tell_new_keys_is_asked_for_them(monkeypatch):
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    channel()
    firing_alert()
    assert planned(NOW, 1) <= AT_MOST
    assert Notice.objects.get().mentions.count() == 1
