import json

import pytest

from avatar_site.protocol import encode
from avatar_site.rooms import Rooms
from monitoring import bus
from monitoring.core.outgoing import Outgoing
from tests.fakes import FakeMember
from tests.waiting import until


def heard(member: FakeMember) -> list[tuple[str, str]]:
    """What a member was told: the kinds of the messages, and whom they are about."""
    messages = [json.loads(text) for text in member.texts]
    return [(message["type"], message["client_id"]) for message in messages]


def pose(client_id: str) -> Outgoing:
    return encode("pose", client_id=client_id)


@pytest.fixture
async def rooms():
    return Rooms()


@pytest.fixture
def ada():
    return FakeMember("ada", last_pose=pose("ada"))


@pytest.fixture
def bob():
    return FakeMember("bob")


async def test_a_newcomer_is_told_who_is_there_and_how_they_stand(rooms, ada, bob):
    rooms.join("lobby", ada)
    rooms.join("lobby", bob)
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]


async def test_the_others_are_told_who_came_and_who_left(rooms, ada, bob):
    rooms.join("lobby", ada)
    rooms.join("lobby", bob)
    rooms.leave("lobby", bob)
    assert heard(ada) == [("joined", "bob"), ("left", "bob")]


async def test_a_message_goes_to_the_rooms_others_only(rooms, ada, bob):
    stranger = FakeMember("eve")
    for room, member in (("lobby", ada), ("lobby", bob), ("attic", stranger)):
        rooms.join(room, member)
    rooms.relay("lobby", ada, pose("ada"), is_pose=True)
    assert heard(bob)[-1] == ("pose", "ada")
    assert heard(ada) == [("joined", "bob")]
    assert heard(stranger) == []


async def test_a_name_is_taken_until_its_avatar_leaves(rooms, ada):
    rooms.join("lobby", ada)
    assert rooms.is_taken("ada")
    rooms.leave("lobby", ada)
    assert not rooms.is_taken("ada")


async def test_an_empty_room_leaves_nothing(rooms, ada):
    for _ in range(3):
        rooms.join("lobby", ada)
        rooms.leave("lobby", ada)
    assert rooms._members == {}


@pytest.fixture
async def two_nodes(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    monkeypatch.setattr(bus, "GATHER_SECONDS", 0.001)
    nodes = [Rooms(), Rooms()]
    for rooms in nodes:
        await rooms.start()
    await until(lambda: not any(rooms._bus.alone for rooms in nodes))
    yield nodes
    for rooms in nodes:
        await rooms.stop()


async def test_avatars_of_two_nodes_meet_in_one_room(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada)
    here.relay("lobby", ada, pose("ada"), is_pose=True)
    await until(lambda: there.is_taken("ada"))
    there.join("lobby", bob)
    await until(lambda: ("joined", "bob") in heard(ada))
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]
    here.relay("lobby", ada, pose("ada"), is_pose=True)
    await until(lambda: heard(bob).count(("pose", "ada")) == 2)


async def test_the_other_node_is_told_who_left_even_by_a_server_that_stops(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada)
    there.join("lobby", bob)
    await until(lambda: here.is_taken("bob"))
    here.leave("lobby", ada)
    await here.stop()
    await until(lambda: ("left", "ada") in heard(bob))


async def test_a_node_that_comes_later_is_told_who_is_here(two_nodes, ada):
    here, there = two_nodes
    here.join("lobby", ada)
    await until(lambda: there.is_taken("ada"))
    third = Rooms()
    await third.start()
    await until(lambda: third.is_taken("ada"))
    await third.stop()


async def test_the_guests_of_a_node_that_falls_silent_leave(two_nodes, ada, bob, monkeypatch):
    here, there = two_nodes
    here.join("lobby", ada)
    there.join("lobby", bob)
    await until(lambda: there.is_taken("ada"))
    monkeypatch.setattr(bus, "PEER_SECONDS", 0)
    there.relay("lobby", bob, pose("bob"), is_pose=True)
    await until(lambda: ("left", "ada") in heard(bob))
    assert not there.is_taken("ada")


async def test_rooms_of_the_same_name_are_one_room_and_others_are_not(two_nodes, ada, bob):
    here, there = two_nodes
    stranger = FakeMember("eve")
    here.join("lobby", ada)
    there.join("lobby", bob)
    there.join("attic", stranger)
    await until(lambda: ("joined", "ada") in heard(bob))
    assert heard(stranger) == []
