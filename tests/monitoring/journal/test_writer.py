import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from monitoring import node_redis
from monitoring.core.records import AlertRecord, Batch
from monitoring.journal import appender, stream
from monitoring.journal import writer as module
from monitoring.journal.spill import Spill
from monitoring.journal.writer import JournalWriter
from monitoring.site import SiteUnknownError
from tests.fakes import ticked
from tests.monitoring.batches import MINUTE, sample
from tests.waiting import until

NOWHERE = "unix:///nowhere/valkey.sock"


def tick(second: float, **more):
    nothing = {"jumped": 0.0, "sessions": [], "alerts": [], "peaks": [], "last": False, "gauges": []}
    return SimpleNamespace(**{"sample": sample(MINUTE + second), "steps": None, **nothing, **more})


def writer_to(url: str = NOWHERE, directory: Path | None = None) -> JournalWriter:
    spill = Spill(directory, "web:1", "boot1") if directory else None
    return JournalWriter(url, node="web:1", boot="boot1", host="web", spill=spill)


def appended(redis) -> list[Batch]:
    return [stream.unpack(entry.data) for entry in stream.read_after(redis, "0-0")]


@asynccontextmanager
async def running(url: str, directory: Path | None = None):
    writer = writer_to(url, directory)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


def test_a_tick_is_handed_over_when_its_batch_is_full():
    writer = writer_to()
    writer.publish(tick(58))
    assert writer.backlog == 0
    writer.publish(tick(59))
    assert writer.backlog == 1


async def test_stopping_appends_the_rest(redis, redis_url):
    async with running(redis_url) as writer:
        writer.publish(tick(1))
    assert [one.seq for one in appended(redis)] == [1]
    assert writer.backlog == 0


async def test_batches_wait_while_redis_has_no_room_and_follow_in_order(redis, redis_url, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    async with running(redis_url) as writer:
        redis.config_set("maxmemory", "1")
        for second in range(1, 16):
            writer.publish(tick(second))
        await until(lambda: writer.state.waits_for)
        assert (writer.state.waits_for, writer.backlog) == ("room", 3)
        redis.config_set("maxmemory", "64mb")
        await until(lambda: writer.appended == 3)
        assert (writer.backlog, writer.state.waits_for, writer.state.last_error) == (0, "", "")
    assert [one.seq for one in appended(redis)] == [1, 2, 3]


async def test_batches_wait_on_disk_until_the_database_tells_the_sites_name(redis, redis_url, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)

    async def unknown():
        raise SiteUnknownError("The database does not tell the site's name: it is away")

    with monkeypatch.context() as patch:
        patch.setattr(appender, "known_name", unknown)
        async with running(redis_url, tmp_path) as writer:
            for second in range(1, 6):
                writer.publish(tick(second))
            await until(lambda: writer.state.spilled)
            assert (writer.state.waits_for, writer.state.on_disk) == ("database", True)
            patch.undo()
            await until(lambda: writer.appended)
            assert writer.state.waits_for == ""
    assert [one.seq for one in appended(redis)] == [1]


async def test_without_redis_each_batch_is_on_disk_at_once(tmp_path):
    async with running(NOWHERE, tmp_path) as writer:
        for minute in range(3):
            writer.publish(tick(minute * 60 + 59))
            await until(lambda expected=minute + 1: writer.state.spilled == expected)
        state = writer.state
        assert (state.backlog, state.waits_for, state.on_disk, state.dropped) == (0, "redis", True, 0)
        assert state.spilled_bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
        assert time.time() - 5 < state.since < time.time()


async def test_when_redis_is_back_the_batches_on_disk_go_first(redis, redis_url, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.02)
    redis.config_set("maxmemory", "1")
    async with running(redis_url, tmp_path) as writer:
        for minute in range(60):
            writer.publish(tick(minute * 60 + 59))
        await until(lambda: writer.state.spilled == 60)
        redis.config_set("maxmemory", "64mb")
        writer.publish(tick(60 * 60 + 59))
        await until(lambda: writer.appended == 61)
        assert (list(tmp_path.iterdir()), writer.state.spilled, writer.state.lag_seconds) == ([], 0, 0.0)
    assert [one.seq for one in appended(redis)] == list(range(1, 62))


async def test_the_next_start_appends_what_a_clean_stop_could_not(redis, redis_url, tmp_path):
    async with running(NOWHERE, tmp_path) as writer:
        writer.publish(tick(1))
    assert (writer.backlog, writer.state.spilled) == (0, 0)
    successor = JournalWriter(
        redis_url, node="web:2", boot="boot2", host="web", spill=Spill(tmp_path, "web:2", "boot2")
    )
    await successor.start()
    await until(lambda: successor.appended)
    await successor.stop()
    assert [(one.boot, one.seq) for one in appended(redis)] == [("boot1", 1)]


async def test_files_of_a_process_killed_meanwhile_are_found_when_redis_is_back(
    redis, redis_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.02)
    redis.config_set("maxmemory", "1")
    async with running(redis_url, tmp_path) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.state.spilled)
        killed = Spill(tmp_path, "web:2", "boot2")
        killed.append([stream.pack(Batch("web:2", "boot2", "web", 7))])
        killed.close()
        redis.config_set("maxmemory", "64mb")
        await until(lambda: writer.appended == 2)
    assert [(one.boot, one.seq) for one in appended(redis)] == [("boot1", 1), ("boot2", 7)]


async def test_files_left_later_are_found_within_a_minute(redis, redis_url, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ADOPT_SECONDS", 0.0)
    async with running(redis_url, tmp_path) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.appended == 1)
        stopped = Spill(tmp_path, "web:2", "boot2")
        stopped.append([stream.pack(Batch("web:2", "boot2", "web", 7))])
        stopped.close()
        writer.publish(tick(119))
        await until(lambda: writer.appended == 3)
    assert sorted((one.boot, one.seq) for one in appended(redis)) == [("boot1", 1), ("boot1", 2), ("boot2", 7)]


async def test_after_two_hours_a_batchs_seconds_are_merged(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MERGE_AFTER_SECONDS", -1.0)
    async with running(NOWHERE, tmp_path) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.state.since)
        for second in range(60, 65):
            writer.publish(tick(second))
        await until(lambda: writer.state.spilled == 2)
    left = Spill(tmp_path, "web:2", "boot2")
    left.adopt()
    assert [one.seconds for one in stream.unpack(left.first(own=False)[1]).samples] == [5.0]


async def test_without_redis_and_disk_publishing_continues_and_stopping_logs_the_loss(monkeypatch, caplog):
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    async with running(NOWHERE) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.state.last_error)
        assert (writer.state.on_disk, writer.lag_seconds > 0) == (False, True)
    assert writer.backlog == 1
    assert "Lost the last 1 batch" in caplog.text


async def test_an_append_whose_answer_was_lost_is_repeated_with_its_number(valkey, redis, redis_url, monkeypatch):
    monkeypatch.setattr(node_redis, "CALL_SECONDS", 0.05)
    async with running(redis_url) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.appended == 1)
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            writer.publish(tick(119))
            await until(lambda: writer.state.last_error)
        finally:
            os.kill(valkey.pid, signal.SIGCONT)
        await until(lambda: writer.appended == 2)
    assert [one.seq for one in appended(redis)] == [1, 2, 2]


async def test_a_monitors_ticks_are_appended(clock, monitor, redis, redis_url):
    async with running(redis_url) as writer:
        monitor.sinks.append(writer)
        for _ in range(5):
            ticked(monitor, clock)
        await until(lambda: writer.appended)
    assert sum(one.seconds for one in appended(redis)[0].samples) == 5


async def test_without_redis_it_is_unknown_how_far_storing_is_behind(redis, redis_url):
    async with running(redis_url) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.appended)
        assert writer.store_lag == 0
        redis.config_set("maxmemory", "1")
        for minute in range(1, 15):
            writer.publish(tick(60 * minute + 59))
        await until(lambda: writer.state.waits_for)
        assert writer.store_lag is None


async def test_a_hanging_redis_costs_half_a_second(monkeypatch, tmp_path):
    monkeypatch.setattr(node_redis, "CALL_SECONDS", 0.05)
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    server = await asyncio.start_unix_server(lambda *_: asyncio.sleep(60), tmp_path / "hung.sock")
    async with running(f"unix://{tmp_path}/hung.sock") as writer:
        writer.publish(tick(59))
        await until(lambda: writer.state.last_error)
        assert writer.backlog == 1
    server.close()


def alert(at: float, state: str = "firing", since: float = MINUTE) -> AlertRecord:
    return AlertRecord("cpu_percent", "web", state, at, "warning", "High CPU", 90.0, 80.0, 90.0, since=since)


@pytest.mark.parametrize(
    ("alerts", "is_told"),
    [
        ([alert(MINUTE)], True),
        ([alert(MINUTE + 5, "resolved")], True),
        ([], False),
    ],
)
async def test_it_tells_when_the_journal_has_the_beginning_or_the_end_of_an_alert(redis, redis_url, alerts, is_told):
    told = []
    writer = JournalWriter(redis_url, node="web:1", boot="boot1", host="web", told=lambda: told.append(writer.appended))
    writer.publish(tick(1, alerts=alerts, peaks=[alert(MINUTE + 5)]))
    await writer.stop()
    assert bool(told) is is_told
    assert writer.appended == 1


@pytest.mark.parametrize(("behind", "steps"), [(7_100, "steps"), (7_300, None), (None, "steps")])
def test_steps_of_clients_do_not_fill_a_journal_that_nobody_stores(monkeypatch, behind, steps):
    writer = JournalWriter("redis://nowhere", "web:1", "boot1", "web")
    published = []
    monkeypatch.setattr(JournalWriter, "store_lag", behind)
    monkeypatch.setattr(writer._batcher, "add", lambda tick, **_: published.append(tick))
    writer.publish(Ticked("steps"))
    assert [tick.steps for tick in published] == [steps]


class Ticked(msgspec.Struct):
    """The part of a tick that counts here."""

    steps: str | None
