from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.history.clients_at import COLUMNS, PastView, connected_at
from monitoring.journal.unstored import Unstored
from monitoring.models import ClientSession
from monitoring.storage.rows import store_sessions
from tests.monitoring.batches import MINUTE, batch, session

pytestmark = pytest.mark.django_db


def one(name: str, start: float, end: float | None = None, node: str = "web:1", **values):
    """A batch with the record of a session from `start` to `end`, in seconds within the minute."""
    record = session(name, disconnected_at=None if end is None else MINUTE + end, **values)
    record.client_id, record.connected_at = name, MINUTE + start
    return batch(node=node, sessions=[record])


def stored(*batches) -> None:
    store_sessions(batches)


def shown(at: float, *waiting, **page):
    return connected_at(timestamp(MINUTE + at), PastView(**page), Unstored(list(waiting)))


def names(at: float, *waiting, **page) -> list[str]:
    return [row.client_id for row in shown(at, *waiting, **page).rows]


def test_a_past_page_lists_clients_that_were_connected_then():
    stored(one("ann", 0, 10), one("bob", 5), one("cid", 11, 12))
    assert names(-1) == []
    assert names(7) == ["ann", "bob"]
    assert names(10) == ["bob"]
    assert names(11) == ["bob", "cid"]


def test_unstored_sessions_count_and_the_latest_record_of_a_session_wins():
    stored(one("ann", 0), one("bob", 0))
    waiting = [one("ann", 0, 20, messages=7), one("cid", 5)]
    assert names(10, *waiting) == ["ann", "bob", "cid"]
    assert shown(10, *waiting).rows[0].messages == 7
    assert names(25, *waiting) == ["bob", "cid"]
    assert (shown(25, *waiting).total, shown(25, *waiting).matched) == (2, 2)


def test_a_record_with_an_impossible_time_is_ignored():
    assert names(10, one("ann", 1e300), one("bob", 0)) == ["bob"]


def test_a_search_finds_users_and_rooms():
    stored(one("ann", 0, user="Ada"), one("bob", 0, room="Garden"))
    assert names(1, one("cid", 0, room="garden"), search="GARDEN") == ["bob", "cid"]
    assert names(1, search="ada") == ["ann"]


def test_a_search_finds_browsers():
    stored(one("ann", 0, user_agent="curl/8.5.0"), one("bob", 0))
    assert names(1, one("cid", 0, user_agent="okhttp/4.12"), search="okhttp 4") == ["cid"]
    assert names(1, search="Curl") == ["ann"]


def test_a_search_finds_stored_and_unstored_sessions_alike():
    stored(one("ann", 0), one("bob", 0))
    found = shown(1, one("Hanna", 0), search="AN")
    assert ([row.client_id for row in found.rows], found.matched, found.total) == (["Hanna", "ann"], 2, 3)


def test_pages_follow_each_other():
    stored(*(one(f"s{number}", 0) for number in (0, 2, 4)))
    waiting = [one(f"s{number}", 0) for number in (1, 3)]
    pages = [names(1, *waiting, offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert pages == [["s0", "s1"], ["s2", "s3"], ["s4"], []]
    assert names(1, offset=1, limit=1) == ["s2"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("client_id", ["ann", "bob", "cid"]),
        ("-client_id", ["cid", "bob", "ann"]),
        ("connected_at", ["cid", "ann", "bob"]),
        ("connection_duration", ["bob", "ann", "cid"]),
        ("-connection_duration", ["cid", "ann", "bob"]),
        ("node", ["bob", "cid", "ann"]),
        ("message_count", ["bob", "ann", "cid"]),
        ("-message_count", ["ann", "bob", "cid"]),
    ],
)
@pytest.mark.parametrize("waits", [0, 1, 3])
def test_stored_and_unstored_sessions_are_sorted_alike_with_unknown_values_last(sort, expected, waits):
    batches = [
        one("ann", 2, 90, "web:2", messages=9),
        one("bob", 3, 90, "web:0", messages=5),
        one("cid", 1, None, "web:1"),
    ]
    stored(*batches[waits:])
    assert names(5, *batches[:waits], sort=sort) == expected


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"sort": "height"}, "sort=height: must be one of client_id, "),
        ({"search": "x" * 65}, "search=xxxxx.*…: must be at most 64 characters"),
        ({"offset": -1}, "offset=-1: must be 0 to 100000"),
        ({"limit": 101}, "limit=101: must be 1 to 100"),
    ],
)
def test_what_cannot_be_shown_is_said(page, message):
    with pytest.raises(ValueError, match=message):
        PastView(**page)


@pytest.mark.parametrize("sort", COLUMNS)
def test_every_offered_sort_key_works(sort):
    stored(one("ann", 0))
    assert names(1, sort=sort) == names(1, one("ann", 0), sort=f"-{sort}") == ["ann"]


def test_the_number_of_queries_does_not_grow_with_the_sessions(django_assert_max_num_queries):
    stored(*(one(f"s{number}", 0) for number in range(50)))
    with django_assert_max_num_queries(2):
        shown(1, one("x", 0), search="s")
    assert ClientSession.objects.open_at(timestamp(MINUTE) + timedelta(seconds=1)).count() == 50
