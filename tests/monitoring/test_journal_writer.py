import asyncio
import os
import signal
from contextlib import asynccontextmanager
from types import SimpleNamespace

from monitoring import journal, journal_writer
from monitoring.core.records import Batch
from monitoring.journal_writer import JournalWriter
from tests.fakes import ticked
from tests.monitoring.batches import MINUTE, alert, sample, session

NOWHERE = "unix:///nowhere/valkey.sock"


def tick(second: float, **more):
    return SimpleNamespace(**{"sample": sample(MINUTE + second), "sessions": [], "alerts": [], **more})


def writer_to(url: str = NOWHERE) -> JournalWriter:
    return JournalWriter(url, node="web:1", boot="boot1", host="web")


def appended(redis) -> list[Batch]:
    return [journal.unpack(entry.data) for entry in journal.read_after(redis, "0-0")]


@asynccontextmanager
async def running(url: str):
    writer = writer_to(url)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


async def until(condition, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def test_samples_go_out_five_seconds_at_a_time():
    writer = writer_to()
    for second in range(1, 11):
        writer.publish(tick(second))
    assert writer.backlog == 2


def test_a_minute_s_end_is_handed_over_at_once():
    writer = writer_to()
    writer.publish(tick(58))
    assert writer.backlog == 0
    writer.publish(tick(59))
    assert writer.backlog == 1


def test_an_alert_is_handed_over_at_once():
    writer = writer_to()
    writer.publish(tick(1, alerts=[alert("firing")]))
    assert writer.backlog == 1


def test_many_sessions_are_handed_over_at_once():
    writer = writer_to()
    writer.publish(tick(1, sessions=[session(str(number)) for number in range(1_000)]))
    assert writer.backlog == 1


async def test_batches_are_numbered_and_say_whose_they_are(redis, redis_url):
    async with running(redis_url) as writer:
        for second in range(10):
            writer.publish(tick(second, sessions=[session(str(second))]))
        await until(lambda: writer.appended == 2)
    first, second = appended(redis)
    assert (first.node, first.boot, first.host, first.seq, second.seq) == ("web:1", "boot1", "web", 1, 2)
    assert [one.start for one in first.samples] == [MINUTE + second for second in range(5)]
    assert [one.session_id for one in second.sessions] == ["5", "6", "7", "8", "9"]


async def test_stopping_appends_what_is_left(redis, redis_url):
    async with running(redis_url) as writer:
        writer.publish(tick(1))
    assert [one.seq for one in appended(redis)] == [1]
    assert writer.backlog == 0


async def test_batches_wait_while_redis_is_away_and_follow_in_order(redis, redis_url, monkeypatch):
    monkeypatch.setattr(journal_writer, "FIRST_PAUSE", 0.01)
    async with running(redis_url) as writer:
        redis.config_set("maxmemory", "1")
        for second in range(1, 16):
            writer.publish(tick(second))
        await until(lambda: writer.last_error)
        assert "maxmemory" in writer.last_error
        assert writer.backlog == 3
        redis.config_set("maxmemory", "64mb")
        await until(lambda: writer.appended == 3)
        assert (writer.backlog, writer.last_error) == (0, "")
    assert [one.seq for one in appended(redis)] == [1, 2, 3]


async def test_without_redis_publishing_goes_on_and_stopping_takes_two_seconds(monkeypatch):
    monkeypatch.setattr(journal_writer, "STOP_SECONDS", 0.05)
    async with running(NOWHERE) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.last_error)
    assert writer.backlog == 1


def test_the_oldest_batches_make_room_and_are_counted(monkeypatch):
    monkeypatch.setattr(journal_writer, "MAX_WAITING", 2)
    writer = writer_to()
    for minute in range(5):
        writer.publish(tick(minute * 60 + 59))
    assert (writer.backlog, writer.dropped) == (2, 3)


async def test_a_batch_dropped_while_redis_took_it_is_not_taken_for_the_next(monkeypatch):
    writer = writer_to()

    async def take_while_full(data: bytes) -> bool:
        monkeypatch.setattr(journal_writer, "MAX_WAITING", 1)
        if writer.appended == 0:
            writer.publish(tick(119))
        return True

    monkeypatch.setattr(writer, "_append", take_while_full)
    writer.publish(tick(59))
    await writer._append_all()
    assert (writer.appended, writer.backlog) == (2, 0)


async def test_an_append_whose_answer_was_lost_is_repeated_under_its_number(valkey, redis, redis_url, monkeypatch):
    monkeypatch.setattr(journal_writer, "CALL_SECONDS", 0.05)
    async with running(redis_url) as writer:
        writer.publish(tick(59))
        await until(lambda: writer.appended == 1)
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            writer.publish(tick(119))
            await until(lambda: writer.last_error)
        finally:
            os.kill(valkey.pid, signal.SIGCONT)
        await until(lambda: writer.appended == 2)
    assert [one.seq for one in appended(redis)] == [1, 2, 2]


async def test_a_monitor_s_ticks_are_appended(clock, monitor, redis, redis_url):
    async with running(redis_url) as writer:
        monitor.sinks.append(writer)
        for _ in range(5):
            ticked(monitor, clock)
        await until(lambda: writer.appended)
    assert sum(one.seconds for one in appended(redis)[0].samples) == 5


async def test_a_redis_that_hangs_costs_half_a_second(monkeypatch, tmp_path):
    monkeypatch.setattr(journal_writer, "CALL_SECONDS", 0.05)
    monkeypatch.setattr(journal_writer, "STOP_SECONDS", 0.05)
    server = await asyncio.start_unix_server(lambda *_: asyncio.sleep(60), tmp_path / "hung.sock")
    async with running(f"unix://{tmp_path}/hung.sock") as writer:
        writer.publish(tick(59))
        await until(lambda: writer.last_error)
        assert writer.backlog == 1
    server.close()
