import errno
import os
from types import SimpleNamespace

import pytest

from monitoring.journal import backlog as module
from monitoring.journal.backlog import Backlog
from monitoring.journal.spill import Spill
from monitoring.journal.spill_record import record
from tests.fakes import FakeClock


@pytest.fixture
def spill(tmp_path) -> Spill:
    return Spill(tmp_path, "web:1", "boot1")


@pytest.fixture
def backlog(spill) -> Backlog:
    return Backlog(spill)


def add(backlog: Backlog, *numbers: int) -> None:
    for number in numbers:
        backlog.add(number, b"%d" % number)


async def taken(backlog: Backlog) -> list[int]:
    found = []
    while head := await backlog.first():
        found += [int(data) for data in head.batches]
        await backlog.take(head)
    return found


def full_disk(monkeypatch) -> None:
    def append(self, batches):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Spill, "append", append)


async def test_what_is_added_leaves_in_order_fifty_at_a_time(backlog):
    add(backlog, *range(60))
    assert len((await backlog.first()).batches) == 50
    assert await taken(backlog) == list(range(60))
    assert not backlog


async def test_what_is_not_taken_is_offered_again(backlog):
    add(backlog, 1)
    assert await backlog.first() == await backlog.first()


async def test_kept_on_disk_it_leaves_first(backlog):
    add(backlog, 1, 2)
    await backlog.keep()
    assert (backlog.in_memory, backlog.on_disk[0]) == (0, 2)
    add(backlog, 3)
    assert await taken(backlog) == [1, 2, 3]


async def test_behind_what_is_on_disk_all_goes_to_the_disk(backlog):
    """A process killed while it replays loses nothing."""
    add(backlog, 1)
    await backlog.keep()
    add(backlog, 2)
    await backlog.first()
    assert (backlog.in_memory, backlog.on_disk[0]) == (0, 2)


async def test_what_dead_processes_left_comes_last(backlog, tmp_path):
    (tmp_path / "web-2.spill").write_bytes(record(b"9"))
    add(backlog, 1)
    await backlog.keep()
    await backlog.adopt()
    add(backlog, 2)
    assert await taken(backlog) == [1, 2, 9]


async def test_it_looks_for_more_of_the_dead_until_there_are_none(backlog, tmp_path, monkeypatch):
    monkeypatch.setattr("monitoring.journal.spill.MAX_ADOPTED", 1)
    for number in range(3):
        (tmp_path / f"web-{number}.spill").write_bytes(record(b"%d" % number))
    await backlog.adopt()
    assert sorted(await taken(backlog)) == [0, 1, 2]


async def test_without_a_disk_it_stays_in_memory_and_the_oldest_makes_room(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    backlog = Backlog()
    add(backlog, 1, 2, 3, 4, 5)
    await backlog.keep()
    await backlog.adopt()
    assert (backlog.in_memory, backlog.dropped, backlog.has_disk) == (2, 3, False)
    assert await taken(backlog) == [4, 5]


async def test_a_full_disk_is_said_once_and_history_stays_in_memory(backlog, monkeypatch, caplog):
    add(backlog, 1)
    await backlog.keep()
    with monkeypatch.context() as patch:
        full_disk(patch)
        for number in (2, 3):
            add(backlog, number)
            await backlog.keep()
        assert (backlog.in_memory, backlog.on_disk[0], backlog.has_disk) == (2, 1, False)
        assert "No space left" in backlog.disk_error
    await backlog.keep()
    assert (backlog.in_memory, backlog.on_disk[0], backlog.has_disk) == (0, 3, True)
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert await taken(backlog) == [1, 2, 3]


async def test_a_batch_dropped_while_others_took_it_is_not_taken_for_the_next(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 1)
    backlog = Backlog()
    add(backlog, 1)
    head = await backlog.first()
    add(backlog, 2)
    await backlog.take(head)
    assert await taken(backlog) == [2]


async def test_lag_is_how_long_the_oldest_has_waited(backlog, monkeypatch):
    assert backlog.lag_seconds == 0
    clock = FakeClock(100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    add(backlog, 1)
    clock.advance(7)
    assert backlog.lag_seconds == 7.0


async def test_closing_leaves_the_disk_to_whoever_starts_next(backlog, tmp_path):
    add(backlog, 1)
    await backlog.keep()
    await backlog.close()
    successor = Backlog(Spill(tmp_path, "web:2", "boot2"))
    await successor.adopt()
    assert await taken(successor) == [1]
