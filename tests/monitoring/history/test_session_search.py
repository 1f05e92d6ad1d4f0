import time
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from monitoring.history.session_search import SessionSearch
from monitoring.models import ClientSession

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def search(query: str) -> SessionSearch:
    return SessionSearch.of(QueryDict(query), NOW)


def session(client: str, ago: float = 10, lasted: float | None = 5, **fields) -> ClientSession:
    """A session that began so many minutes ago and lasted so many."""
    began = NOW - timedelta(minutes=ago)
    row = ClientSession(
        **{
            "node": "web:1",
            "boot": "b",
            "session_id": f"{client} {ago}",
            "client_id": client,
            "path": "/ws/",
            "remote": "10.0.0.1",
            "connected_at": began,
            "disconnected_at": None if lasted is None else began + timedelta(minutes=lasted),
            "cause": "" if lasted is None else "client_closed",
        }
        | fields
    )
    ClientSession.objects.upsert([row])
    return row


def found(query: str) -> list[str]:
    return sorted(search(query).sessions().values_list("client_id", flat=True))


def test_without_parameters_it_finds_all_that_left_and_all_that_are_there():
    session("left")
    session("there", lasted=None)
    assert found("") == ["left", "there"]
    assert search("").is_empty


def test_a_session_matches_every_field_and_one_of_its_values():
    session("a", cause="client_lost", user="kim", room="hall")
    session("b", cause="refused", node="web:2")
    session("c", cause="refused", user="kim")
    assert found("cause=client_lost&cause=refused") == ["a", "b", "c"]
    assert found("cause=refused&user=kim") == ["c"]
    assert found("node=web:2") == ["b"]
    assert found("room=hall&client=a") == ["a"]


def test_open_sessions_have_no_cause_and_can_be_asked_for_alone():
    session("left")
    session("there", lasted=None)
    assert found("cause=client_closed") == ["left"]
    assert found("open=yes") == ["there"]


def test_sessions_of_an_older_release_have_no_recorded_cause():
    session("old", cause="")
    session("new")
    assert found("cause=not_recorded") == ["old"]


def test_the_connections_of_one_client_are_found_together():
    session("ann")
    session("ann#2")
    session("anna")
    assert found("client=ann") == ["ann", "ann#2"]


def test_a_star_in_a_path_stands_for_one_part():
    session("a", path="/ws/room/7/")
    session("b", path="/ws/room/7/side/")
    session("c", path="/ws/(x)/")
    assert found("path=/ws/room/*/") == ["a"]
    assert found("path=/ws/(x)/") == ["c"]
    assert found("path=/ws/*/") == ["c"]


def test_many_stars_in_a_part_stand_for_themselves_and_take_no_time():
    session("a", path="/ws/abcdefghijklmnopqrstuvwxyzab")
    session("b", path="/ws/**/")
    started = time.monotonic()
    assert found("path=/ws/" + "*" * 200 + "x") == []
    assert found("path=/ws/" + "*a" * 60 + "/") == []
    assert time.monotonic() - started < 10  # it would take years
    assert found("path=/ws/**/") == ["b"]
    assert found("path=/ws/abc*") == ["a"]


def test_a_departure_is_in_the_period_in_which_it_happened():
    session("early", ago=180, lasted=1)
    session("late", ago=180, lasted=150)
    session("there", ago=180, lasted=None)
    assert found("range=1h") == ["late", "there"]
    assert found("from=-200m&to=-100m") == ["early"]


def test_a_text_is_looked_for_in_names():
    session("ann", user="Kim")
    session("ben", room="hall")
    assert found("text=kIm") == ["ann"]
    assert found("text=hal") == ["ben"]
    assert found("text=web") == ["ann", "ben"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("cause=bored", "cause=bored: must be one of client_closed, client_lost"),
        ("open=perhaps", "open=perhaps: must be one of yes"),
        ("range=2h", "range=2h: must be one of 1h, 24h, 7d, 30d"),
        ("from=soon", "from=soon: must be"),
        ("from=-1h&to=-2h", "must begin before its end"),
    ],
)
def test_what_cannot_be_understood_is_left_out_and_named(query, problem):
    (told,) = search(query).problems
    assert problem in told
    assert search(query).is_empty


def test_its_query_string_asks_for_the_same_again():
    query = "cause=refused&cause=client_lost&path=/ws/*/&open=yes&text=a b&range=24h"
    assert search(search(query).query) == search(query)
    fixed = "client=ann&from=2026-11-27T10:00:00Z&to=2026-11-27T11:00:00Z"
    assert search(fixed).query == fixed
    assert search("cause=refused").toggled("cause", "refused").is_empty


def test_a_parameter_that_the_page_does_not_know_is_named_with_those_it_knows():
    (told,) = SessionSearch.of(QueryDict("search=x&cause=refused"), NOW).problems
    assert told.startswith("search: must be left out, this page knows cause, client, user, room, path, node, open, ")


@pytest.mark.parametrize("name", ["utm_source", "fbclid", "gclid", "kiosk", "before", "format"])
def test_parameters_of_other_sites_and_of_the_page_itself_are_no_problem(name):
    assert not SessionSearch.of(QueryDict(f"{name}=x"), NOW).problems
