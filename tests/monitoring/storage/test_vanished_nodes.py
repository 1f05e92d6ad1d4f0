from datetime import datetime, timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.core.alert_rules import NODE_VANISHED
from monitoring.core.records import SessionRecord
from monitoring.models import Alert, JournalCursor, Node
from monitoring.storage import vanished_nodes
from monitoring.storage.ingest import drain
from monitoring.storage.rows import store
from monitoring.storage.silent_nodes import close_departed
from monitoring.storage.vanished_nodes import report_vanished
from tests.monitoring.batches import MINUTE, append, arrived, batch, sample, session

pytestmark = pytest.mark.django_db


def at(second: float) -> datetime:
    return timestamp(MINUTE + second)


def heard(second: float, seq: int = 1, boot: str = "boot1", node: str = "web:1", samples=(), **more) -> None:
    given = {"says_when_leaving": True, **more}
    store(arrived(batch(*samples, seq=seq, boot=boot, node=node, **given), at=MINUTE + second))


def looked(second: float, since: float | None = None) -> None:
    """A run of the job that stores, a minute after the one before."""
    report_vanished(at(second), at(second - 60 if since is None else since))


def clients(many: int) -> list[SessionRecord]:
    return [session(f"s{number}") for number in range(many)]


def alerts() -> list[tuple]:
    found = Alert.objects.of_rule("node_gone").order_by("started_at", "subject")
    return [
        (
            row.subject,
            row.started_at.timestamp() - MINUTE,
            row.ended_at and row.ended_at.timestamp() - MINUTE,
            row.ended,
            row.value,
        )
        for row in found
    ]


def test_a_node_that_is_silent_for_20_seconds_has_vanished_with_its_clients():
    heard(0, sessions=clients(3))
    looked(19)
    assert alerts() == []
    looked(21)
    assert alerts() == [("web:1", 20, None, "", 3)]
    row = Alert.objects.get()
    assert (row.message, row.severity, row.scope, row.node, row.host, row.client_id) == (
        "Node web:1 vanished with 3 clients", "warning", "node", "web:1", "web", ""
    )  # fmt: skip


def test_it_is_one_alert_however_often_it_is_looked_for():
    heard(0, sessions=clients(2))
    for second in (20, 21, 80, 140):
        looked(second)
        close_departed(at(second))
    assert alerts() == [("web:1", 20, None, "", 2)]


def test_a_node_that_was_stopped_has_not_vanished():
    heard(0)
    heard(5, seq=2, leaving=True)
    looked(300)
    assert alerts() == []


def test_a_node_of_an_older_release_does_not_say_when_it_is_stopped():
    heard(0, says_when_leaving=False)
    looked(300)
    assert alerts() == []


def test_a_node_that_measures_rarely_may_be_silent_for_three_intervals_and_ten_seconds():
    heard(0, samples=[sample(MINUTE - 30, seconds=30.0, connections=1)])
    looked(99)
    assert alerts() == []
    looked(100)
    assert alerts() == [("web:1", 100, None, "", 0)]


def test_it_is_over_when_the_node_is_heard_again():
    heard(0)
    looked(60)
    heard(65, seq=2)
    looked(70)
    assert alerts() == [("web:1", 20, 70, "", 0)]


def test_it_is_over_when_a_node_of_the_same_name_is_heard_but_not_in_its_first_minute():
    heard(0)
    heard(5, boot="boot2")
    looked(25)
    assert alerts() == [("web:1", 20, None, "", 0)]
    heard(80, seq=2, boot="boot2")
    looked(85)
    assert alerts() == [("web:1", 20, 80, "", 0)]


def test_a_node_of_the_same_name_that_was_stopped_takes_nobodys_place():
    heard(0)
    heard(70, boot="boot2")
    heard(75, seq=2, boot="boot2", leaving=True)
    looked(85)
    assert alerts() == [("web:1", 20, None, "", 0)]


def test_it_is_over_when_its_host_has_as_many_nodes_as_before():
    heard(0)
    heard(0, boot="boot2", node="web:2")
    looked(30, since=0)
    heard(100, seq=2, boot="boot2", node="web:2")
    looked(101)
    assert alerts() == [("web:1", 20, None, "", 0), ("web:2", 20, 101, "", 0)]
    heard(110, boot="boot3", node="web:3")
    looked(111)
    assert alerts()[0] == ("web:1", 20, 110, "", 0)


def test_one_that_nobody_replaces_is_over_after_an_hour_with_its_reason():
    heard(0)
    looked(30)
    looked(3_650)
    assert alerts() == [("web:1", 20, 3_620, "node gone", 0)]
    looked(9_000)
    looked(9_060)
    assert alerts() == [("web:1", 20, 3_620, "node gone", 0)]


def test_without_the_rule_none_fires():
    heard(0)
    looked(30)
    report_vanished(at(60), at(0), None)
    assert alerts() == [("web:1", 20, 60, "rule changed", 0)]


def test_a_threshold_of_the_rule_is_no_part_of_its_text():
    assert NODE_VANISHED.message.format(value=1.0, subject="web:1") == "Node web:1 vanished with 1 clients"


@pytest.fixture
def settled(monkeypatch):
    """A Redis that has been running for long."""
    monkeypatch.setattr(vanished_nodes, "REDIS_GRACE", 0.0)


@pytest.fixture
def killed(redis):
    """A node that was heard once, a minute ago."""
    append(redis, batch(sample(), sessions=clients(2), says_when_leaving=True))
    drain(redis)
    Node.objects.update(last_seen=Node.objects.get().last_seen - timedelta(seconds=60))


@pytest.mark.usefixtures("settled", "killed")
def test_the_next_run_finds_it(redis):
    drain(redis)
    assert [row.message for row in Alert.objects.firing()] == ["Node web:1 vanished with 2 clients"]


@pytest.mark.usefixtures("killed")
def test_a_redis_that_was_started_again_must_run_for_a_moment(redis, monkeypatch):
    monkeypatch.setattr(vanished_nodes, "REDIS_GRACE", 1e9)
    drain(redis)
    assert alerts() == []


@pytest.mark.usefixtures("settled", "killed")
def test_a_full_journal_proves_nothing(redis, monkeypatch):
    monkeypatch.setattr("monitoring.journal.stream.FULL_ENTRIES", 1)
    drain(redis)
    assert alerts() == []


@pytest.mark.usefixtures("settled", "killed")
def test_the_first_run_after_an_outage_of_the_job_proves_nothing(redis):
    earlier = JournalCursor.objects.get().drained_at - timedelta(seconds=100)
    JournalCursor.objects.update(drained_at=earlier)
    drain(redis)
    assert alerts() == []
    drain(redis)
    assert len(alerts()) == 1
