import asyncio

import pytest

from avatar_site.conflation import Item, ItemKind
from avatar_site.valve import Pump, Valve
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.token_bucket import TokenBucket
from tests.fakes import FakeClock
from tests.waiting import until


def pose(about: str, text: str = "x") -> Item:
    return Item(ItemKind.POSE, about, Outgoing(text.encode()))


class Flow:
    """Has to flow so many times."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.times = times
        self.error = error

    def flow(self) -> bool:
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.times -= 1
        return self.times > 0


@pytest.fixture
async def pump():
    pump = Pump()
    yield pump
    pump.stop()


async def test_the_pump_asks_until_nothing_waits_and_then_rests(pump):
    flows = Flow(1), Flow(5)
    for flow in flows:
        pump.add(flow)
    await until(lambda: flows[1].times == 0)
    await until(lambda: pump._timer is None)
    assert flows[0].times == 0


async def test_one_that_fails_does_not_keep_the_others_waiting_for_ever(pump):
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    flow = Flow(2, error=RuntimeError("broken"))
    pump.add(flow)
    await until(lambda: flow.times == 0)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def delivered():
    return []


@pytest.fixture
def valve(pump, clock, delivered):
    """Ten bytes a second, ten at once."""
    bucket = TokenBucket(10, 10, clock)
    return Valve(
        bucket, lambda item: len(item.message.payload), lambda item: delivered.append(item.about), pump, portion=1
    )


async def test_what_there_is_room_for_goes_at_once_and_the_newest_of_the_rest_later(valve, clock, delivered):
    for about in ("ada", "bob", "bob", "eve"):
        valve.offer(pose(about, "x" * 10))
    assert delivered == ["ada"]
    clock.advance(1)
    assert valve.flow()
    assert delivered == ["ada", "bob"]
    clock.advance(1)
    assert not valve.flow()
    assert delivered == ["ada", "bob", "eve"]


async def test_one_that_costs_more_than_all_there_is_passes_and_is_paid_for_later(valve, clock, delivered):
    valve.offer(pose("ada", "x" * 40))
    valve.offer(pose("bob"))
    clock.advance(2.9)
    assert valve.flow()
    clock.advance(0.2)
    assert not valve.flow()
    assert delivered == ["ada", "bob"]


async def test_by_portions_no_more_passes(pump, clock, delivered):
    valve = Valve(TokenBucket(10, 10, clock), lambda _: 1, lambda item: delivered.append(item.about), pump, portion=5)
    for second in range(10):
        for number in range(100):
            valve.offer(pose(f"{second} {number}"))
        clock.advance(1)
        valve.flow()
    assert 10 + 9 * 10 <= len(delivered) <= 10 + 10 * 10 + 2 * 5


async def test_what_is_flushed_costs_nothing(valve, delivered):
    valve.put([pose("ada", "x" * 99), pose("bob", "x" * 99)])
    valve.flush()
    assert delivered == ["ada", "bob"]
