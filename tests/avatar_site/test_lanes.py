import asyncio

import pytest

from avatar_site.addresses import networks
from avatar_site.lanes import AT_ONCE, OF_ONE_ADDRESS, Lanes, Turn


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(networks("10.0.0.1"))


@pytest.fixture
async def start(lanes):
    """Begins to take this many turns for an address; returns each with its task."""
    tasks: list[asyncio.Task] = []

    async def begin(address: str | None, number: int) -> list[tuple[Turn, asyncio.Task]]:
        turns = [Turn(lanes, address) for _ in range(number)]
        begun = [(turn, asyncio.create_task(turn.take())) for turn in turns]
        tasks.extend(task for _, task in begun)
        await settled()
        return begun

    yield begin
    for task in tasks:
        task.cancel()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def working(begun) -> int:
    return sum(task.done() and not task.cancelled() for _, task in begun)


async def test_one_address_reaches_its_limit_and_leaves_the_rest_to_others(start):
    assert working(await start("1.2.3.4", 100)) == OF_ONE_ADDRESS
    assert working(await start("1.2.3.5", 1)) == 1


async def test_the_addresses_of_one_ipv6_subscriber_count_as_one(start):
    assert working(await start("2001:db8::1", 100)) == OF_ONE_ADDRESS
    assert working(await start("2001:db8::2", 1)) == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", None])
async def test_this_machine_and_proxies_may_use_them_all(start, address):
    assert working(await start(address, 100)) == AT_ONCE


async def test_leaving_makes_room_once(start, lanes):
    begun = await start("127.0.0.1", AT_ONCE + 5)
    begun[0][0].leave()
    begun[0][0].leave()
    await settled()
    assert working(begun) == AT_ONCE + 1


async def test_an_abandoned_waiter_takes_no_room(start, lanes):
    begun = await start("1.2.3.4", OF_ONE_ADDRESS + 1)
    turn, task = begun.pop()
    task.cancel()
    await settled()
    for waiting, _ in [*begun, (turn, task)]:
        waiting.leave()
    assert lanes.of_address == {}
    assert working(await start("127.0.0.1", AT_ONCE)) == AT_ONCE


async def test_a_second_take_does_not_wait(start):
    ((turn, _),) = await start("127.0.0.1", 1)
    await start("127.0.0.1", AT_ONCE)
    await asyncio.wait_for(turn.take(), 1)
