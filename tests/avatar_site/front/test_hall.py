import pytest

from avatar_site.front import door
from avatar_site.front import hall as module
from avatar_site.front.door import Door, Limits
from avatar_site.front.hall import Hall
from monitoring.core.wire.link import ProtectionCounters
from tests.fakes import FakeClock


class Peer:
    dropped = False

    def __init__(self, address: str = "1.2.3.4") -> None:
        self.address = address

    def drop_at_once(self) -> None:
        self.dropped = True


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hall(clock) -> Hall:
    counted = ProtectionCounters()
    return Hall(Door(Limits(per_address=2), lambda: counted), clock)


@pytest.fixture
def left(monkeypatch):
    def say(number: int) -> None:
        monkeypatch.setattr(door, "left", lambda: number)

    say(1000)
    return say


def test_one_address_has_so_many_and_room_again_when_one_leaves(hall):
    assert [hall.enter("1.2.3.4") is None for _ in range(3)] == [True, True, False]
    hall.leave("1.2.3.4")
    hall.leave("1.2.3.4")
    assert hall.enter("1.2.3.4") is None
    assert [hall.enter("127.0.0.1") for _ in range(5)] == [None] * 5


def test_idle_connections_may_wait_while_there_are_descriptors(hall, left, clock):
    peers = [Peer() for _ in range(3)]
    for peer in peers:
        hall.wait(peer)
        clock.advance(5)
    assert not any(peer.dropped for peer in peers)


def test_who_has_waited_longest_gives_way_before_an_avatar_is_kept_out(hall, left, clock):
    first, second, third = Peer(), Peer(), Peer()
    hall.wait(first)
    hall.wait(second)
    clock.advance(2)
    left(door.RESERVE)
    hall.wait(third)
    assert (first.dropped, second.dropped, third.dropped) == (True, False, False)
    assert hall.door.protection.refused == {"descriptors": 1}


def test_who_has_just_come_gives_way_only_at_the_very_end(hall, left):
    first, second, third = Peer(), Peer(), Peer()
    left(door.RESERVE)
    hall.wait(first)
    hall.wait(second)
    assert not first.dropped
    left(module.AT_THE_END - 1)
    hall.wait(third)
    assert first.dropped


def test_who_opens_many_closes_only_its_own(hall, left):
    legitimate = Peer("1.2.3.5")
    hall.wait(legitimate)
    many = [Peer() for _ in range(6)]
    for peer in many[:3]:
        hall.wait(peer)
    left(0)
    for peer in many[3:]:
        hall.wait(peer)
    other = Peer("1.2.3.6")
    hall.wait(other)
    assert not legitimate.dropped
    assert not other.dropped
    assert [peer.dropped for peer in many] == [True] * 4 + [False] * 2


def test_who_asks_waits_no_more(hall, left):
    first, second = Peer(), Peer()
    hall.wait(first)
    hall.stop_waiting(first)
    left(0)
    hall.wait(second)
    assert (first.dropped, second.dropped) == (False, False)
