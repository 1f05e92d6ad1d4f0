import unicodedata
from uuid import UUID

import pytest

from monitoring.core.client_names import LONGEST_ID, Client, KnownNames, all_numbered, free_id, is_id, names_in

SOME_UUID = UUID("12345678-1234-5678-1234-567812345678")


class User:
    def get_username(self) -> str:
        return "ann"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, KnownNames()),
        ("ann", KnownNames("ann")),
        (7, KnownNames("7")),
        (SOME_UUID, KnownNames(str(SOME_UUID))),
        (User(), KnownNames("ann")),
        (Client("ann", user=User(), room="a"), KnownNames("ann", "ann", "a")),
        (Client(user="김하늘"), KnownNames(user="김하늘")),
        (Client(user=" ann "), KnownNames(user="ann")),
        (Client(user=unicodedata.normalize("NFD", "김")), KnownNames(user="김")),
        (Client(user="", room=""), KnownNames(user="", room="")),
        (Client("ann@example.com"), KnownNames("ann@example.com")),
        (Client("a b"), KnownNames("a b")),
    ],
)
def test_names_that_are_taken(answer, expected):
    assert names_in(answer) == (expected, {})


@pytest.mark.parametrize(
    ("answer", "field", "says"),
    [
        ("", "id", "id='': must be 1 to 64 printable characters"),
        ("x" * 65, "id", "1 to 64"),
        ("a/b", "id", "without / and"),
        ("..", "id", "not only dots"),
        ("a\nb", "id", r"a\nb"),
        ("\u202eann", "id", "printable"),
        ("a\ufffd", "id", "printable"),
        (True, "id", "bool True: must be text, a whole number, a UUID or None"),
        (b"ann", "id", "must be text"),
        ({"id": "ann"}, "id", "must be text"),
        (Client(user=object()), "user", "must be text"),
        (Client(room="x" * 151), "room", "at most 150 printable characters"),
        (Client(room="a\0"), "room", "at most 150 printable characters"),
    ],
)
def test_what_is_not_taken_is_named_with_what_is_allowed(answer, field, says):
    names, wrong = names_in(answer)
    assert names == KnownNames()
    assert list(wrong) == [field]
    assert says in wrong[field]


def test_a_bad_name_does_not_spoil_the_others():
    names, wrong = names_in(Client("ann", user=object(), room="a"))
    assert (names, list(wrong)) == (KnownNames("ann", None, "a"), ["user"])


def test_the_first_free_number_is_taken():
    assert free_id("ann", {"bob"}.__contains__) == "ann"
    assert free_id("ann", {"ann", "ann#3"}.__contains__) == "ann#2"


def test_after_99_connections_with_one_id_the_next_one_is_random():
    taken = set(all_numbered("ann"))
    assert len(taken) == 99
    assert len(free_id("ann", taken.__contains__)) == 12


def test_numbered_ids_are_not_longer_than_others():
    ids = set(all_numbered("x" * LONGEST_ID))
    assert len(ids) == 99
    assert all(map(is_id, ids))
