import pytest

from avatar_site.conflation import MOST_BYTES_IN_ORDER, ConflatedQueue, Item, ItemKind
from monitoring.core.wire.outgoing import Outgoing


def item(kind: ItemKind, about: str, text: str, *, present: bool = True) -> Item:
    return Item(kind, about, Outgoing(text.encode()), present)


def pose(about: str, text: str) -> Item:
    return item(ItemKind.POSE, about, text)


def said(about: str, text: str) -> Item:
    return item(ItemKind.IN_ORDER, about, text)


def came(about: str) -> Item:
    return item(ItemKind.PRESENCE, about, f"{about} joined")


def left(about: str) -> Item:
    return item(ItemKind.PRESENCE, about, f"{about} left", present=False)


@pytest.fixture
def waiting() -> ConflatedQueue:
    return ConflatedQueue()


def texts(waiting: ConflatedQueue) -> list[str]:
    taken = []
    while waiting:
        taken.append(waiting.take().message.text)
    return taken


def test_a_newer_pose_takes_the_place_of_the_older_one_of_the_same_avatar(waiting):
    for one in (pose("ada", "a1"), pose("bob", "b1"), pose("ada", "a2")):
        waiting.put(one)
    assert texts(waiting) == ["a2", "b1"]


def test_kinds_do_not_replace_each_other(waiting):
    for one in (came("ada"), pose("ada", "pose"), item(ItemKind.EXPRESSION, "ada", "face"), said("ada", "hi")):
        waiting.put(one)
    assert texts(waiting) == ["ada joined", "pose", "face", "hi"]


def test_all_that_is_said_comes_in_order(waiting):
    for number in range(3):
        waiting.put(said("ada", str(number)))
    assert texts(waiting) == ["0", "1", "2"]


def test_who_leaves_takes_its_pose_along_and_is_heard_before(waiting):
    for one in (came("ada"), said("ada", "bye"), pose("ada", "p"), item(ItemKind.EXPRESSION, "ada", "f"), left("ada")):
        waiting.put(one)
    assert texts(waiting) == ["bye", "ada left"]


def test_who_comes_back_is_there_with_its_new_pose(waiting):
    for one in (left("ada"), pose("bob", "b"), came("ada"), pose("ada", "a")):
        waiting.put(one)
    assert texts(waiting) == ["ada joined", "b", "a"]


def test_of_what_nothing_replaces_the_oldest_goes_once_it_is_too_much(waiting):
    waiting.put(pose("ada", "pose"))
    for number in range(10):
        waiting.put(said("bob", f"{number}" * (MOST_BYTES_IN_ORDER // 4)))
    assert [text[0] for text in texts(waiting)] == ["p", "6", "7", "8", "9"]
    assert waiting.dropped == 6


def test_who_says_much_keeps_nobody_waiting_who_says_little(waiting):
    for number in range(50):
        waiting.put(said("ada", f"a{number}"))
    for one in (said("bob", "b0"), pose("cid", "c"), said("bob", "b1")):
        waiting.put(one)
    assert texts(waiting)[:6] == ["a0", "b0", "c", "a1", "b1", "a2"]


def test_what_is_too_much_goes_from_the_one_who_says_most(waiting):
    waiting.put(said("bob", "b"))
    for number in range(10):
        waiting.put(said("ada", f"{number}" * (MOST_BYTES_IN_ORDER // 4)))
    waiting.put(said("bob", "c"))
    assert [text[0] for text in texts(waiting)] == ["b", "7", "c", "8", "9"]
    assert waiting.dropped == 7


def test_one_that_is_too_much_by_itself_still_goes(waiting):
    waiting.put(said("ada", "x" * (MOST_BYTES_IN_ORDER + 1)))
    assert len(waiting) == 1


def test_what_was_taken_leaves_its_room_to_others(waiting):
    for _ in range(20):
        waiting.put(said("ada", "x" * (MOST_BYTES_IN_ORDER // 2)))
        waiting.take()
    assert waiting.dropped == 0


def test_cleared_it_is_as_new(waiting):
    waiting.put(said("ada", "x"))
    waiting.put(pose("ada", "x"))
    waiting.clear()
    assert len(waiting) == 0
    waiting.put(said("ada", "y"))
    assert texts(waiting) == ["y"]
