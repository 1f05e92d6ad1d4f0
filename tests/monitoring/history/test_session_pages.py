from datetime import timedelta
from itertools import chain

import pytest

from monitoring.history import session_pages
from monitoring.history.search_reader import parse_place, place_text
from monitoring.history.session_pages import CauseCount, cause_counts, find
from monitoring.models import ClientSession
from tests.monitoring.history.test_session_search import NOW, search, session

pytestmark = pytest.mark.django_db


def pages(query: str, rows: int = 2) -> list[list[str]]:
    """All pages of a search, each as the ids of its clients."""
    found, before = [], None
    while True:
        page = find(search(query), before, rows)
        found.append([row.client_id for row in page.rows])
        if page.older is None:
            return found
        assert before is None or page.older < before
        before = page.older


def listed(query: str, rows: int = 2) -> list[str]:
    return list(chain.from_iterable(pages(query, rows)))


def test_the_latest_event_comes_first_whether_somebody_came_or_left():
    session("stayed long", ago=60, lasted=59)
    session("came", ago=2, lasted=None)
    session("left before", ago=5, lasted=1)
    assert pages("", 10) == [["stayed long", "came", "left before"]]


def test_pages_follow_each_other_without_gaps_and_repetitions():
    for ago in range(2, 9):
        session(f"left {ago}", ago=ago, lasted=1)
        session(f"came {ago}", ago=ago, lasted=None)
    whole = listed("", 100)
    assert len(whole) == 14
    assert listed("", 3) == whole
    assert listed("open=yes", 3) == [f"came {ago}" for ago in range(2, 9)]


def test_sessions_that_ended_at_one_moment_are_on_one_page_or_the_other():
    for number in range(5):
        session(f"c{number}", ago=5 + number, lasted=number)
    assert listed("") == listed("", 100)


def test_causes_are_read_one_by_one_and_mixed_by_time():
    for ago in range(2, 8):
        session(f"c{ago}", ago=ago, lasted=1, cause="refused" if ago % 2 else "client_lost")
    session("other", ago=3, lasted=1, cause="replaced")
    assert listed("cause=refused&cause=client_lost") == ["c2", "c3", "c4", "c5", "c6", "c7"]


def test_sessions_of_chosen_names_are_sorted_by_their_ends_too():
    session("ann", ago=60, lasted=59)
    session("ann#2", ago=5, lasted=1)
    session("ann#3", ago=2, lasted=None)
    session("ben", ago=2, lasted=1)
    assert listed("client=ann", 1) == ["ann", "ann#3", "ann#2"]


def test_a_filter_without_an_index_looks_at_a_limited_number_of_rows_and_says_how_far_it_came(monkeypatch):
    monkeypatch.setattr(session_pages, "MOST_LOOKED_AT", 3)
    for ago in range(2, 14):
        session(f"c{ago}", ago=ago, lasted=1, path="/rare/" if ago in (3, 12) else "/ws/")
    first = find(search("path=/rare/"))
    assert [row.client_id for row in first.rows] == ["c3"]
    assert first.looked_until == NOW - timedelta(minutes=4)
    assert listed("path=/rare/") == ["c3", "c12"]
    assert find(search("path=/ws/"), rows=1).looked_until is None


def test_many_that_ended_at_one_moment_are_looked_at_together(monkeypatch):
    monkeypatch.setattr(session_pages, "MOST_LOOKED_AT", 2)
    for number in range(8):
        session(f"c{number}", ago=20 - number, lasted=10 - number, path="/rare/" if number == 0 else "/ws/")
    session("older", ago=30, lasted=1, path="/rare/")
    assert listed("path=/rare/") == ["c0", "older"]
    older = find(search("path=/rare/")).older
    assert older is not None
    assert parse_place(place_text(older)) == older


def test_causes_are_counted_in_the_period_most_first():
    for ago in range(2, 5):
        session(f"c{ago}", ago=ago, lasted=1, cause="refused")
    session("lost", ago=3, lasted=1, cause="client_lost")
    session("long ago", ago=200, lasted=1, cause="refused")
    session("old release", ago=3, lasted=1, cause="")
    assert cause_counts(search("range=1h")) == [
        CauseCount("refused", 3, False),
        CauseCount("client_lost", 1, False),
        CauseCount("not_recorded", 1, False),
    ]


def test_other_fields_narrow_what_is_counted_but_the_chosen_cause_does_not():
    session("ann", cause="refused", user="kim")
    session("ben", cause="client_lost", user="kim")
    session("cat", cause="refused", path="/x/")
    assert cause_counts(search("user=kim&cause=refused")) == [
        CauseCount("client_lost", 1, False),
        CauseCount("refused", 1, False),
    ]
    assert cause_counts(search("path=/x/")) == [CauseCount("refused", 1, False)]
    assert cause_counts(search("cause=replaced"))[-1] == CauseCount("replaced", 0, False)


def test_no_more_than_enough_are_counted(monkeypatch):
    monkeypatch.setattr(session_pages, "MOST_COUNTED", 2)
    for ago in range(2, 6):
        session(f"c{ago}", ago=ago, lasted=1, cause="refused", path="/x/")
    assert cause_counts(search("")) == [CauseCount("refused", 2, True)]
    assert cause_counts(search("path=/x/")) == [CauseCount("refused", 2, True)]


def test_rows_have_no_sketches_that_nobody_shows():
    session("ann")
    (row,) = find(search("")).rows
    assert {"latency_sketch", "frame_time_sketch"} <= row.get_deferred_fields()
    assert ClientSession.objects.count() == 1
