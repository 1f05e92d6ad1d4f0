import asyncio
import json
import logging
from functools import partial
from types import SimpleNamespace

import pytest

from avatar_site import neighbours
from avatar_site import rooms as module
from avatar_site.conflation import ItemKind
from avatar_site.protocol import encode
from avatar_site.rooms import NAME_IN_USE, REPLACED, Rooms
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.core.wire.outgoing import Outgoing
from monitoring.fleet import bus
from tests import waiting
from tests.fakes import FakeMember

until = partial(waiting.until, seconds=20)
"""Two nodes talk by their own timers; a busy machine lets them wait."""


def heard(member: FakeMember) -> list[tuple[str, str]]:
    """What a member received: the kinds of the messages, and whom they are about."""
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


async def test_a_newcomer_learns_who_is_there_and_how_they_stand(rooms, ada, bob):
    rooms.join("lobby", ada)
    rooms.join("lobby", bob)
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]


async def test_the_others_learn_who_joined_and_who_left(rooms, ada, bob):
    rooms.join("lobby", ada)
    rooms.join("lobby", bob)
    rooms.leave("lobby", bob)
    assert heard(ada) == [("joined", "bob"), ("left", "bob")]


async def test_a_message_goes_only_to_the_others_in_the_room(rooms, ada, bob):
    stranger = FakeMember("eve")
    for room, member in (("lobby", ada), ("lobby", bob), ("attic", stranger)):
        rooms.join(room, member)
    rooms.relay("lobby", ada, pose("ada"), ItemKind.POSE)
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
    assert rooms._rooms == {}


@pytest.fixture
async def two_nodes(settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    monkeypatch.setattr(bus, "GATHER_SECONDS", 0.001)
    nodes = [Rooms(), Rooms()]
    for rooms in nodes:
        await rooms.start()
    await until(lambda: not any(rooms._neighbours._bus.alone for rooms in nodes))
    yield nodes
    for rooms in nodes:
        await rooms.stop()


async def test_avatars_of_two_nodes_meet_in_one_room(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada)
    here.relay("lobby", ada, pose("ada"), ItemKind.POSE)
    await until(lambda: there.is_taken("ada"))
    there.join("lobby", bob)
    await until(lambda: ("joined", "bob") in heard(ada))
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]
    here.relay("lobby", ada, pose("ada"), ItemKind.POSE)
    await until(lambda: heard(bob).count(("pose", "ada")) == 2)


async def test_the_rooms_of_both_nodes_are_counted_and_nobody_twice(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada, "holder")
    there.join("attic", bob)
    await until(lambda: here.occupants() == there.occupants() == {"lobby": 1, "attic": 1})
    there.join("lobby", FakeMember("ada"), "holder")
    assert there.occupants()["lobby"] == 1


async def test_the_other_node_learns_who_left_even_from_a_stopping_server(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada)
    there.join("lobby", bob)
    await until(lambda: there.is_taken("ada"))
    here.leave("lobby", ada)
    await here.stop()
    await until(lambda: ("left", "ada") in heard(bob))


async def test_a_node_that_starts_later_learns_who_is_here(two_nodes, ada):
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
    await here._neighbours._bus.stop()  # as if the process had been killed: nobody has left
    assert there.is_taken("ada")
    monkeypatch.setattr(there._neighbours._bus._members, "_silent_seconds", 0)
    there.relay("lobby", bob, pose("bob"), ItemKind.POSE)
    await until(lambda: ("left", "ada") in heard(bob))
    assert not there.is_taken("ada")


async def test_the_names_of_a_dead_node_are_free_within_5_seconds():
    assert neighbours.LEASE_SECONDS + neighbours.HELLO_SECONDS <= 5
    assert neighbours.LEASE_SECONDS >= 3 * neighbours.HELLO_SECONDS, "one late hello must not cost a node its avatars"


async def test_the_guests_of_a_node_that_was_only_late_come_back(two_nodes, ada, bob):
    here, there = two_nodes
    here.join("lobby", ada)
    there.join("lobby", bob)
    await until(lambda: there.is_taken("ada") and here.is_taken("bob"))
    there._neighbours._bus._members.heard.clear()
    there._neighbours._lost(here._neighbours.node)
    assert ("left", "ada") in heard(bob)
    here.relay("lobby", ada, pose("ada"), ItemKind.POSE)
    await until(lambda: there.is_taken("ada"))
    assert heard(bob)[-2:] == [("joined", "ada"), ("pose", "ada")] or ("joined", "ada") in heard(bob)[2:]


async def test_the_next_roster_makes_up_for_messages_that_the_bus_lost(two_nodes, ada, bob, monkeypatch):
    here, there = two_nodes
    for member in (ada, bob):
        here.join("lobby", member)
    await until(lambda: there.is_taken("ada") and there.is_taken("bob"))
    monkeypatch.setattr(here._neighbours._bus, "send", lambda _: None)
    here.leave("lobby", ada)
    here.join("lobby", FakeMember("eve"))
    monkeypatch.undo()
    here._neighbours._tell_roster()
    await until(lambda: not there.is_taken("ada") and there.is_taken("eve"))
    assert there.is_taken("bob")


async def test_thousands_are_introduced_to_a_node_that_starts_later(two_nodes):
    here, there = two_nodes
    for number in range(3000):
        # In one room each would be introduced to all others, and thousands here are not about that.
        here.join(f"room-{number % 100}", FakeMember(f"a{number}", last_pose=pose(f"a{number}")))
        # On a server, too, others have their turn between two that join.
        await asyncio.sleep(0)
    await until(lambda: len(there._neighbours.guests.get(here._neighbours.node, {})) == 3000, seconds=20)
    assert here._neighbours._bus.dropped == 0


async def test_rooms_with_the_same_name_are_one_room_and_others_are_not(two_nodes, ada, bob):
    here, there = two_nodes
    stranger = FakeMember("eve")
    here.join("lobby", ada)
    there.join("lobby", bob)
    there.join("attic", stranger)
    await until(lambda: ("joined", "ada") in heard(bob))
    assert heard(stranger) == []


HOLDER = "the holder's secret"


async def test_a_returning_holder_takes_its_place_over_and_nobody_notices(rooms, ada, bob):
    rooms.join("lobby", ada, HOLDER)
    rooms.join("lobby", bob)
    back = FakeMember("ada")
    assert rooms.is_taken("ada", "another holder")
    assert not rooms.is_taken("ada", HOLDER)
    rooms.make_way("ada", HOLDER)
    rooms.join("lobby", back, HOLDER)
    rooms.leave("lobby", ada)
    assert (ada.way_given, ada.dismissals) == (1, [(REPLACED, "replaced")])
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]
    assert heard(back) == [("joined", "bob")]
    rooms.relay("lobby", back, pose("ada"), ItemKind.POSE)
    assert heard(bob)[-1] == ("pose", "ada")
    assert len(heard(ada)) == 1, "the old connection hears nothing more"


async def test_a_returning_avatar_stands_as_before(rooms, ada, bob):
    rooms.join("lobby", ada, HOLDER)
    rooms.join("lobby", FakeMember("ada"), HOLDER)
    rooms.join("lobby", bob)
    assert heard(bob) == [("joined", "ada"), ("pose", "ada")]


async def test_nobody_makes_way_for_another_holder(rooms, ada):
    rooms.join("lobby", ada, HOLDER)
    rooms.make_way("ada", "another holder")
    assert ada.way_given == 0


async def test_joining_another_room_leaves_the_old_one(rooms, ada, bob):
    rooms.join("lobby", ada, HOLDER)
    rooms.join("lobby", bob)
    rooms.join("attic", FakeMember("ada"), HOLDER)
    assert heard(bob)[-1] == ("left", "ada")
    assert rooms.is_taken("ada")


def leaves_when_dismissed(rooms: Rooms, room: str, member: FakeMember) -> None:
    member.on_dismissed = lambda: rooms.leave(room, member)


async def test_a_place_can_be_taken_over_from_another_node(two_nodes, ada, bob):
    here, there = two_nodes
    leaves_when_dismissed(here, "lobby", ada)
    here.join("lobby", ada, HOLDER)
    here.join("lobby", bob)
    eve = FakeMember("eve")
    there.join("lobby", eve)
    await until(lambda: there.is_taken("ada") and ("joined", "eve") in heard(bob) and ("pose", "ada") in heard(eve))
    assert there.is_taken("ada", "another holder")
    assert not there.is_taken("ada", HOLDER)
    back = FakeMember("ada")
    there.join("lobby", back, HOLDER)
    await until(lambda: ada.dismissals)
    there.relay("lobby", back, pose("ada"), ItemKind.POSE)
    await until(lambda: heard(bob)[-1] == ("pose", "ada") and here._neighbours.node in there._neighbours.guests)
    await until(lambda: "ada" not in there._neighbours.guests[here._neighbours.node])
    assert ada.dismissals == [(REPLACED, "replaced")]
    assert back.dismissals == []
    assert ("left", "ada") not in heard(bob) + heard(eve)
    assert heard(bob).count(("joined", "ada")) + heard(eve).count(("joined", "ada")) == 2
    assert back.last_pose is not None
    assert here.is_taken("ada")


async def test_a_returning_avatar_keeps_its_place_on_a_node_that_did_not_know_it(two_nodes, ada, monkeypatch):
    """For example while the former node hung and was taken for dead, or while no node heard another."""
    there, here = sorted(two_nodes, key=lambda rooms: rooms._neighbours.node)
    leaves_when_dismissed(here, "lobby", ada)
    back = FakeMember("ada")
    leaves_when_dismissed(there, "lobby", back)
    now = 1_000.0
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now))
    for _ in range(3):
        here.join("lobby", ada, HOLDER)
        ada.dismissals.clear()
    now += 5.0
    there.join("lobby", back, HOLDER)
    await until(lambda: ada.dismissals or back.dismissals)
    assert (ada.dismissals, back.dismissals) == ([(REPLACED, "replaced")], [])


async def test_of_two_simultaneous_claims_on_two_nodes_the_first_keeps_the_name(two_nodes, ada):
    here, there = two_nodes
    second = FakeMember("ada")
    leaves_when_dismissed(here, "lobby", ada)
    leaves_when_dismissed(there, "lobby", second)
    here.join("lobby", ada, HOLDER)
    there.join("lobby", second, "another holder")
    await until(lambda: second.dismissals and "ada" not in here._neighbours.guests.get(there._neighbours.node, {}))
    assert (ada.dismissals, second.dismissals) == ([], [(NAME_IN_USE, "name in use")])
    assert there.is_taken("ada", "another holder")


async def test_a_room_that_exceeds_the_servers_bandwidth_shows_the_newest(monkeypatch, ada, bob):
    monkeypatch.setattr(module, "BYTES_PER_SECOND", 0)
    monkeypatch.setattr(module, "BYTES_AT_ONCE", 1)
    rooms = Rooms()
    for member in (ada, bob):
        rooms.join("lobby", member)
    for number in range(100):
        rooms.relay("lobby", ada, encode("pose", client_id="ada", number=number), ItemKind.POSE)
    rooms.relay("lobby", ada, encode("say", client_id="ada"))
    rooms._rooms["lobby"]._valve.flush()
    numbers = [json.loads(text)["number"] for text in bob.texts if "number" in text]
    assert numbers[-1] == 99
    assert len(numbers) < 50
    assert heard(bob)[-1] == ("say", "ada")
    rooms.pump.stop()


async def test_what_a_node_of_another_version_says_is_left_out_and_that_is_said_once(rooms, caplog, monkeypatch):
    monkeypatch.setattr(neighbours, "said", SaidOnce(logging.getLogger("avatar_site.neighbours")))
    for event in (["z", "of another kind"], ["j", 5], {"odd": 1}):
        rooms._neighbours._take("member", event)
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("An event of node member: part of it is skipped: ")


async def test_events_of_a_later_version_with_more_fields_are_understood(rooms, ada):
    rooms.join("hall", ada)
    rooms._neighbours._take("member", ["j", "hall", "bob", ["holder", 1, 2.0, "n", "added later"], "added later"])
    assert heard(ada) == [("joined", "bob")]
