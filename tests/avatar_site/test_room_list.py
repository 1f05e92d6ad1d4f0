import json
from functools import partial

import pytest

from avatar_site import room_list
from avatar_site.room_list import MOST_ROOMS, RoomList
from avatar_site.rooms import Rooms
from tests import waiting
from tests.fakes import FakeMember

until = partial(waiting.until, seconds=20)


def lists(asker: FakeMember) -> list[dict[str, int]]:
    """The lists that it got, as the avatars in each room."""
    messages = [json.loads(text) for text in asker.texts]
    return [
        {one["room"]: one["avatars"] for one in message["rooms"]} for message in messages if message["type"] == "rooms"
    ]


@pytest.fixture
async def rooms(monkeypatch):
    monkeypatch.setattr(room_list, "TELL_SECONDS", 0.0)
    rooms = Rooms()
    yield rooms
    rooms.listed.stop()


@pytest.fixture
def asker():
    return FakeMember("ada")


async def test_who_asks_gets_every_room_with_the_avatars_in_it(rooms, asker):
    for room, name in (("lobby", "ada"), ("attic", "bob"), ("lobby", "eve")):
        rooms.join(room, FakeMember(name))
    rooms.listed.subscribe(asker)
    assert lists(asker) == [{"lobby": 2, "attic": 1}]


async def test_it_gets_the_list_again_when_somebody_joins_or_leaves(rooms, asker):
    rooms.listed.subscribe(asker)
    bob = FakeMember("bob")
    rooms.join("attic", bob)
    await until(lambda: lists(asker)[-1] == {"attic": 1})
    rooms.leave("attic", bob)
    await until(lambda: lists(asker)[-1] == {})


async def test_many_changes_at_once_are_told_once(rooms, asker):
    rooms.listed.subscribe(asker)
    for number in range(20):
        rooms.join("attic", FakeMember(f"bob-{number}"))
    await until(lambda: lists(asker)[-1] == {"attic": 20})
    assert len(lists(asker)) == 2


async def test_who_left_gets_nothing_more(rooms, asker):
    other = FakeMember("bob")
    for one in (asker, other):
        rooms.listed.subscribe(one)
    rooms.listed.unsubscribe(asker)
    rooms.listed.unsubscribe(asker)
    rooms.join("attic", FakeMember("eve"))
    await until(lambda: len(lists(other)) == 2)
    assert len(lists(asker)) == 1


def test_the_fullest_rooms_come_first_and_a_long_list_ends(asker):
    listed = RoomList(lambda: {f"room-{number:03}": number for number in range(1, MOST_ROOMS + 11)})
    listed.subscribe(asker)
    [message] = [json.loads(text) for text in asker.texts]
    assert message["rooms"][0] == {"room": "room-110", "avatars": 110}
    assert (len(message["rooms"]), message["rooms_total"]) == (MOST_ROOMS, 110)


def test_a_room_whose_name_begins_with_a_dot_is_not_listed(asker):
    RoomList(lambda: {".attic": 3, "lobby": 1}).subscribe(asker)
    assert lists(asker) == [{"lobby": 1}]


def test_the_list_is_made_once_for_all_who_ask():
    made = []
    listed = RoomList(lambda: made.append(1) or {"lobby": 1})
    for name in ("ada", "bob"):
        listed.subscribe(FakeMember(name))
    assert len(made) == 1


async def test_the_list_is_made_once_a_second_however_many_ask_while_others_come_and_go(monkeypatch):
    monkeypatch.setattr(room_list, "TELL_SECONDS", 0.2)
    made = []
    listed = RoomList(lambda: made.append(1) or {"lobby": len(made)})
    askers = [FakeMember(f"bob-{number}") for number in range(20)]
    for asker in askers:
        listed.changed()
        listed.subscribe(asker)
    assert len(made) == 1
    # The last of them hears of the last change all the same.
    await until(lambda: lists(askers[-1])[-1] == {"lobby": 2})
    listed.stop()


async def test_who_asks_later_hears_of_what_changed_while_nobody_had_asked(monkeypatch, asker):
    monkeypatch.setattr(room_list, "TELL_SECONDS", 0.0)
    counts = {"lobby": 1}
    listed = RoomList(lambda: counts)
    listed.subscribe(asker)
    listed.unsubscribe(asker)
    counts["lobby"] = 2
    listed.changed()
    listed.subscribe(asker)
    assert lists(asker)[-1] == {"lobby": 2}
    listed.stop()
