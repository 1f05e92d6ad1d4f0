import asyncio
import time
from collections import Counter

import pytest

from monitoring.core.heartbeat import Heartbeat, period, turns
from monitoring.core.rescue import Rescue


class Avatar:
    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1


@pytest.fixture
def heartbeat():
    return Heartbeat(Rescue())


def with_avatars(heartbeat, number):
    avatars = [Avatar() for _ in range(number)]
    for avatar in avatars:
        heartbeat.add(avatar)
    return avatars


def pass_seconds(heartbeat, seconds):
    passed = 0.0
    while passed < seconds - 1e-9:
        passed += heartbeat._turn()


@pytest.mark.parametrize(
    ("connections", "seconds"), [(0, 5.0), (1, 5.0), (100, 5.0), (500, 25.0), (1_200, 60.0), (10_000, 60.0)]
)
def test_the_period_grows_with_the_connections_up_to_a_minute(connections, seconds):
    assert period(connections) == seconds


def test_more_pings_a_second_keep_more_connections_at_five_seconds():
    assert period(500, pings_per_second=100) == 5.0


def test_every_connection_is_pinged_once_in_five_seconds(heartbeat):
    avatars = with_avatars(heartbeat, 25)
    pass_seconds(heartbeat, 5)
    assert Counter(avatar.pings for avatar in avatars) == {1: 25}


def test_pings_are_spread_evenly(heartbeat):
    avatars = with_avatars(heartbeat, 20)
    heartbeat._turn()
    assert sum(avatar.pings for avatar in avatars) == 4


@pytest.mark.parametrize(("pings_per_second", "parts"), [(0, 1), (4, 1), (20, 1), (21, 2), (100, 5), (10_000, 20)])
def test_more_than_twenty_pings_come_in_several_turns(pings_per_second, parts):
    assert turns(pings_per_second) == parts


def test_a_turn_pings_at_most_twenty():
    heartbeat = Heartbeat(Rescue(), pings_per_second=100)
    avatars = with_avatars(heartbeat, 500)
    assert heartbeat._turn() == 0.2
    assert sum(avatar.pings for avatar in avatars) == 20


async def test_turns_come_halfway_between_two_ticks():
    due = asyncio.get_running_loop().create_future()
    heartbeat = Heartbeat(Rescue(), on_wake=lambda late: due.done() or due.set_result(time.time() - late))
    await heartbeat.start()
    async with asyncio.timeout(10):
        assert await due % 1 == pytest.approx(0.5, abs=0.1)
    await heartbeat.stop()


def test_many_connections_are_pinged_twenty_a_second_and_each_once(heartbeat):
    avatars = with_avatars(heartbeat, 500)
    pass_seconds(heartbeat, 1)
    assert sum(avatar.pings for avatar in avatars) == 20
    pass_seconds(heartbeat, 24)
    assert Counter(avatar.pings for avatar in avatars) == {1: 500}


def test_a_connection_that_left_is_not_pinged(heartbeat):
    (avatar,) = with_avatars(heartbeat, 1)
    heartbeat.remove(avatar)
    heartbeat.remove(avatar)
    pass_seconds(heartbeat, 60)
    assert avatar.pings == 0
    assert not heartbeat._known | heartbeat._new


def test_a_newcomer_is_pinged_before_the_others_again(heartbeat):
    with_avatars(heartbeat, 40)
    pass_seconds(heartbeat, 5)
    (newcomer,) = with_avatars(heartbeat, 1)
    heartbeat._turn()
    assert newcomer.pings == 1


def test_others_keep_their_turns_however_many_come_and_go(heartbeat):
    steady = with_avatars(heartbeat, 50)
    pass_seconds(heartbeat, 5)
    passing = []
    for _ in range(60):
        passing += with_avatars(heartbeat, 100)
        for avatar in passing[:-100]:
            heartbeat.remove(avatar)
        pass_seconds(heartbeat, 1)
    # With a hundred and fifty connections each has its turn every seven and a half seconds.
    assert min(avatar.pings for avatar in steady) >= 60 // 7.5
    for avatar in passing:
        heartbeat.remove(avatar)
    assert len(heartbeat._known) + len(heartbeat._new) == 50


def test_a_second_look_is_taken_at_the_next_turn_and_once(heartbeat):
    (avatar,) = with_avatars(heartbeat, 1)
    pass_seconds(heartbeat, 5)
    heartbeat.soon(avatar)
    heartbeat.soon(avatar)
    pass_seconds(heartbeat, 1)
    assert avatar.pings == 2
    pass_seconds(heartbeat, 3)
    assert avatar.pings == 2


def test_second_looks_keep_nobody_from_being_pinged(heartbeat):
    avatars = with_avatars(heartbeat, 100)
    pass_seconds(heartbeat, 5)
    for _ in range(10):
        for avatar in avatars[:50]:
            heartbeat.soon(avatar)
        pass_seconds(heartbeat, 1)
    pings = [avatar.pings for avatar in avatars]
    assert min(pings) >= 3
    assert sum(pings) <= 100 + 10 * (20 + 10)


def test_a_second_look_at_a_connection_that_is_not_pinged_is_ignored(heartbeat):
    avatar = Avatar()
    heartbeat.soon(avatar)
    heartbeat.add(avatar)
    pass_seconds(heartbeat, 5)
    heartbeat.soon(avatar)
    heartbeat.remove(avatar)
    pass_seconds(heartbeat, 10)
    assert avatar.pings == 1


def test_who_is_looked_at_is_pinged_every_two_seconds(heartbeat):
    looked_at, other = with_avatars(heartbeat, 2)
    for _ in range(40):
        heartbeat.often(looked_at)
        pass_seconds(heartbeat, 1)
    assert looked_at.pings in range(16, 23)
    assert other.pings in range(7, 10)


def test_second_looks_come_before_those_that_are_looked_at(heartbeat):
    avatars = with_avatars(heartbeat, 100)
    pass_seconds(heartbeat, 10)
    for avatar in avatars[:50]:
        heartbeat.often(avatar)
    for avatar in avatars[90:]:
        heartbeat.soon(avatar)
    before = [avatar.pings for avatar in avatars[90:]]
    heartbeat._turn()
    assert [avatar.pings for avatar in avatars[90:]] >= [pings + 1 for pings in before]


def test_a_failing_ping_is_counted_and_stops_no_other():
    class Broken(Avatar):
        def ping(self) -> None:
            raise RuntimeError("gone")

    rescue = Rescue()
    heartbeat, avatar = Heartbeat(rescue), Avatar()
    for pinged in (Broken(), avatar):
        heartbeat.add(pinged)
    pass_seconds(heartbeat, 5)
    assert (rescue.errors, avatar.pings) == (1, 1)


def test_a_ping_may_end_the_connections_whose_turn_it_is(heartbeat):
    avatars = with_avatars(heartbeat, 40)
    pass_seconds(heartbeat, 6)
    for avatar in avatars:
        avatar.ping = lambda: [heartbeat.remove(one) for one in avatars]
        heartbeat.soon(avatar)
    pass_seconds(heartbeat, 20)
    assert heartbeat.period() == 5.0
    newcomer = with_avatars(heartbeat, 1)[0]
    pass_seconds(heartbeat, 6)
    assert newcomer.pings


async def test_stopping_what_never_started_does_nothing(heartbeat):
    await heartbeat.stop()
