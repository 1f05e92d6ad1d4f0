"""Whatever happens to the workers, no minute is missing and none is doubled."""

import asyncio
from types import SimpleNamespace

import pytest

from monitoring.journal.writer import JournalWriter
from tests.faults.stack import Stack
from tests.monitoring.batches import MINUTE, sample
from tests.site import eventually

MINUTES = 10


def write(stack: Stack, *boots: str, pause: float = 0.0) -> None:
    """Appends what these nodes measure in ten minutes; only the time is not real."""
    asyncio.run(_write(stack, boots, pause))


async def _write(stack: Stack, boots: tuple[str, ...], pause: float) -> None:
    writers = [JournalWriter(stack.redis_url, f"web:{boot}", boot, "web") for boot in boots]
    for writer in writers:
        await writer.start()
    for second in range(MINUTES * 60):
        for writer in writers:
            writer.publish(
                SimpleNamespace(
                    jumped=0.0,
                    sample=sample(MINUTE + second, messages=1),
                    sessions=[],
                    alerts=[],
                    peaks=[],
                    gauges=[],
                    steps=None,
                    last=False,
                )
            )
        await asyncio.sleep(pause)
    for writer in writers:
        await writer.stop()
        assert writer.backlog == 0


def whole(*boots: str) -> list:
    """Every minute of these nodes, with all of its seconds."""
    return [(boot, MINUTE + 60 * number, 60, 60.0) for number in range(MINUTES) for boot in boots]


def test_a_worker_that_comes_back_after_ten_minutes_stores_them_all(stack):
    write(stack, "a", "b")
    stack.worker()
    stack.beat()
    stack.stores(60 * MINUTES * 2)
    assert stack.minutes() == whole("a", "b")


@pytest.mark.faults
def test_two_workers_and_two_beats_store_each_minute_once(stack):
    for _ in range(2):
        stack.worker()
        stack.beat()
    eventually(
        lambda: stack.ask("SELECT drained_at FROM avatar_monitoring_journalcursor"), seconds=20, what="they store"
    )
    write(stack, "a", "b", pause=0.01)
    stack.stores(60 * MINUTES * 2)
    assert stack.minutes() == whole("a", "b")
    ran = [stack.log_of(process).count(": stored ") for process in stack.processes[::2]]
    assert all(ran), f"both have worked: {ran}"


@pytest.mark.faults
@pytest.mark.parametrize("point", ["between upsert and commit", "after commit"])
def test_a_worker_killed_while_it_stores_leaves_nothing_half_done(stack, point):
    write(stack, "a")
    reached = stack.directory / "reached"
    stack.environment |= {"FAULT_AT": point, "FAULT_REACHED": str(reached)}
    dying = stack.worker("tests.faults.dying_celery")
    stack.beat()
    eventually(reached.exists, seconds=20, what="it stores")
    dying.kill()
    dying.wait()
    assert stack.minutes() == ([] if point == "between upsert and commit" else whole("a"))
    stack.worker()
    stack.stores(60 * MINUTES)
    assert stack.minutes() == whole("a")
