import asyncio
from collections import Counter

import pytest

from monitoring.core import heartbeat as module
from monitoring.core.heartbeat import SLOTS, Heartbeat
from monitoring.core.rescue import Rescue


class Avatar:
    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1


@pytest.fixture
def turns(monkeypatch):
    """Lets the heartbeat make so many turns, however fast, and stop."""
    real_sleep = asyncio.sleep

    async def make(heartbeat: Heartbeat, number: int) -> list[float]:
        pauses = []

        async def sleep(seconds):
            pauses.append(seconds)
            if len(pauses) >= number:
                await asyncio.Event().wait()

        monkeypatch.setattr(module.asyncio, "sleep", sleep)
        await heartbeat.start()
        while len(pauses) < number:
            await real_sleep(0)
        await heartbeat.stop()
        return pauses

    return make


async def test_every_avatar_is_pinged_once_in_five_seconds(turns):
    heartbeat, avatars = Heartbeat(Rescue()), [Avatar() for _ in range(25)]
    for avatar in avatars:
        heartbeat.add(avatar)
    pauses = await turns(heartbeat, SLOTS)
    assert sum(pauses) == 5.0
    assert Counter(avatar.pings for avatar in avatars) == {1: 25}


async def test_a_tenth_of_them_is_pinged_at_a_time(turns):
    heartbeat, avatars = Heartbeat(Rescue()), [Avatar() for _ in range(20)]
    for avatar in avatars:
        heartbeat.add(avatar)
    await turns(heartbeat, 1)
    assert sum(avatar.pings for avatar in avatars) == 2


async def test_one_that_left_is_not_pinged(turns):
    heartbeat, avatar = Heartbeat(Rescue()), Avatar()
    heartbeat.add(avatar)
    heartbeat.remove(avatar)
    heartbeat.remove(avatar)
    await turns(heartbeat, SLOTS)
    assert avatar.pings == 0


async def test_stopping_what_never_started_does_nothing():
    await Heartbeat(Rescue()).stop()


async def test_a_ping_that_fails_is_counted_and_stops_no_other(turns):
    class Broken(Avatar):
        def ping(self) -> None:
            raise RuntimeError("gone")

    rescue = Rescue()
    heartbeat, avatar = Heartbeat(rescue), Avatar()
    for pinged in (Broken(), avatar):
        heartbeat.add(pinged)
    await turns(heartbeat, SLOTS)
    assert (rescue.errors, avatar.pings) == (1, 1)
