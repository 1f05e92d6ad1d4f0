"""Totals of open sessions come from their nodes; what these do not tell stays unknown."""

import msgspec
import pytest
from redis import RedisError

from monitoring.core.records import SessionRecord
from monitoring.fleet.asking import Replies
from monitoring.fleet.node_answers import TOTALS, SoFar
from monitoring.fleet.node_calls import NodeReply
from monitoring.history import open_totals
from monitoring.history.open_totals import add_totals
from monitoring.models import ClientSession
from tests.monitoring.history.test_session_search import NOW, session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def redis_is_set(settings) -> None:
    settings.REDIS_URL = "redis://nowhere"


def rows() -> dict[str, ClientSession]:
    return {row.client_id: row for row in ClientSession.objects.all()}


def reply(row: ClientSession, **totals) -> NodeReply:
    record = SessionRecord(row.session_id, row.client_id, row.path, row.remote, row.connected_at.timestamp(), **totals)
    return NodeReply("web:1", msgspec.to_builtins(SoFar(row.boot, NOW.timestamp(), [record])))


def test_open_sessions_get_what_their_nodes_tell_and_as_of_when(monkeypatch):
    session("ann", lasted=None)
    session("ben", lasted=None, boot="another")
    session("left")
    found, asked = rows(), []

    def ask(_url, what, about, seconds, is_enough):
        replies = [reply(found["ann"], messages=7, bytes_sent=5, latency_p95_ms=9.5), NodeReply("web:2")]
        asked.append((what, dict(about), seconds, is_enough(replies), is_enough(replies * 2)))
        return Replies(replies, are_all=True)

    monkeypatch.setattr(open_totals, "ask_nodes", ask)
    add_totals(found.values())
    about = {"b": {"ann 10": "ann"}, "another": {"ben 10": "ben"}}
    assert asked == [(TOTALS, about, 0.5, False, True)]
    ann, ben, left = found["ann"], found["ben"], found["left"]
    assert (ann.messages, ann.bytes_sent, ann.latency_p95_ms, ann.totals_at) == (7, 5, 9.5, NOW)
    assert (ben.messages, ben.totals_at, left.messages, left.totals_at) == (None, None, None, None)
    assert rows()["ann"].messages is None, "nothing is saved"


def test_nobody_is_asked_about_sessions_that_are_over_or_without_a_redis(monkeypatch, settings):
    monkeypatch.setattr(open_totals, "ask_nodes", lambda *_: pytest.fail("asked"))
    session("left")
    add_totals(rows().values())
    session("ann", lasted=None)
    settings.REDIS_URL = None
    add_totals(rows().values())


def test_while_redis_is_away_the_totals_are_unknown_and_the_log_says_so(monkeypatch, caplog):
    def fail(*_):
        raise RedisError("away")

    monkeypatch.setattr(open_totals, "ask_nodes", fail)
    session("ann", lasted=None)
    found = rows()
    add_totals(found.values())
    assert found["ann"].messages is None
    assert "Cannot read the totals of open sessions: away" in caplog.text
