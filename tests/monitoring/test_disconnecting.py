"""Clients are disconnected by questions to nodes over a real Redis, and it is recorded who did it and why."""

import logging
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async

from monitoring import disconnecting, runtime
from monitoring.disconnecting import Disconnected, Outcome, disconnect
from monitoring.fleet.asking import Replies
from monitoring.fleet.node_answers import DISCONNECT, Target
from monitoring.fleet.node_answers import disconnecting as answering
from monitoring.fleet.node_calls import NodeCalls, NodeReply
from monitoring.models import Disconnection

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings, monkeypatch) -> list[NodeReply]:
    """What nodes answer; all of them do."""
    settings.REDIS_URL = "redis://nowhere"
    replies: list[NodeReply] = []
    monkeypatch.setattr(disconnecting, "ask_nodes", lambda *_: Replies(replies, are_all=bool(replies)))
    return replies


def closed(*pairs: tuple[int, bool]) -> list[dict]:
    return [{"number": number, "done": done} for number, done in pairs]


def test_each_client_has_an_outcome_and_a_record(told, caplog):
    caplog.set_level(logging.INFO)
    told += [NodeReply("web:1", closed((0, True))), NodeReply("web:2", closed((2, False))), NodeReply("web:3")]
    found = disconnect([Target("ann"), Target("ben", "web:2"), Target("cat")], "kim", "too loud")
    assert found == [
        Disconnected("ann", "web:1", Outcome.DISCONNECTED),
        Disconnected("ben", "web:2", Outcome.NOT_CONNECTED),
        Disconnected("cat", "web:2", Outcome.NOT_CLOSED),
    ]
    rows = list(Disconnection.objects.order_by("pk").values_list("by", "client_id", "node", "reason", "outcome"))
    assert rows == [
        ("kim", "ann", "web:1", "too loud", "disconnected"),
        ("kim", "ben", "web:2", "too loud", "not connected"),
        ("kim", "cat", "web:2", "too loud", "not closed"),
    ]
    assert "kim disconnected client ann of node web:1 (too loud): disconnected" in caplog.text


def test_if_not_every_node_answers_it_is_not_known_whether_a_client_is_still_connected(settings, monkeypatch):
    settings.REDIS_URL = "redis://nowhere"
    monkeypatch.setattr(
        disconnecting, "ask_nodes", lambda *_: Replies([NodeReply("web:1", closed((1, True)))], are_all=False)
    )
    found = disconnect([Target("ann"), Target("ben")], "kim")
    assert [one.outcome for one in found] == [Outcome.NO_ANSWER, Outcome.DISCONNECTED]


def test_a_client_whose_connection_could_be_closed_by_one_of_two_nodes_counts_as_disconnected(told):
    told += [NodeReply("web:1", closed((0, True))), NodeReply("web:2", closed((0, False)))]
    assert disconnect([Target("ann")], "kim")[0].outcome == Outcome.DISCONNECTED


def test_without_an_answer_of_any_node_nothing_is_known(redis_url):
    assert disconnect([Target("ann")], "kim")[0].outcome == Outcome.NO_ANSWER


@pytest.mark.parametrize(
    ("targets", "reason", "problem"),
    [
        ([], "", "clients: must be 1 to 100 clients, not 0"),
        ([Target("a")] * 101, "", "clients: must be 1 to 100 clients, not 101"),
        ([Target("")], "", "client_id: must be 1 to 255 characters"),
        ([Target("a", "n" * 256)], "", "node: must be at most 255 characters"),
        ([Target("a")], "x" * 201, "reason: must be at most 200 characters"),
    ],
)
def test_what_cannot_be_recorded_is_refused(told, targets, reason, problem):
    with pytest.raises(ValueError, match=problem):
        disconnect(targets, "kim", reason)
    assert not Disconnection.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", ["", "unix:///nowhere/valkey.sock"])
async def test_a_process_reaches_its_own_node_without_a_redis(settings, monkeypatch, url):
    settings.REDIS_URL = url

    async def close(client_id: str) -> bool | None:
        return True if client_id == "ann" else None

    calls = NodeCalls("", "web:1")
    calls.handlers[DISCONNECT] = answering("web:1", close)
    await calls.start()
    monkeypatch.setattr(runtime, "current", lambda: SimpleNamespace(calls=calls))
    found = await sync_to_async(disconnect)([Target("ann"), Target("ben")], "kim")
    await calls.stop()
    others = Outcome.NO_ANSWER if url else Outcome.NOT_CONNECTED
    assert [one.outcome for one in found] == [Outcome.DISCONNECTED, others]


def test_what_an_operator_writes_cannot_begin_a_line_of_the_log(told, caplog):
    caplog.set_level(logging.INFO)
    disconnect([Target("ann\n1", "web\n2")], "kim", "because\n2026 FAKE")
    assert r"client ann\n1 of node web\n2 (because\n2026 FAKE): no answer" in caplog.text
