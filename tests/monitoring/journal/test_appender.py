import asyncio

import pytest

from monitoring.journal import appender as module
from monitoring.journal import stream
from monitoring.journal.appender import Appender, JournalFullError


@pytest.fixture
async def appender(redis_url):
    appender = Appender(redis_url)
    yield appender
    await appender.close()


def appended(redis) -> list[bytes]:
    return [entry.data for entry in stream.read_after(redis, "0-0")]


async def test_batches_are_in_the_journal_in_their_order(appender, redis):
    await appender.append([b"1", b"2"])
    await appender.append([b"3"])
    assert appended(redis) == [b"1", b"2", b"3"]


async def test_if_redis_has_no_memory_all_or_none_are_appended(appender, redis, monkeypatch):
    monkeypatch.setattr(module, "FULL_MEMORY", float("inf"))
    await appender.append([b"1"])
    redis.config_set("maxmemory", "1")
    with pytest.raises(JournalFullError, match="Redis has no memory left"):
        await appender.append([b"2", b"3"])
    redis.config_set("maxmemory", "64mb")
    assert appended(redis) == [b"1"]


async def test_a_journal_that_is_not_stored_accepts_no_more_than_it_can_hold(appender, redis, monkeypatch):
    monkeypatch.setattr(module, "FULL_ENTRIES", 3)
    await appender.append([b"1", b"2", b"3"])
    with pytest.raises(JournalFullError, match="3 batches waiting"):
        await appender.append([b"4"])
    redis.xtrim(stream.keys().stream, maxlen=1, approximate=False)
    await appender.append([b"4"])
    assert appended(redis) == [b"3", b"4"]


async def test_a_journal_accepts_no_more_than_the_memory_of_redis_allows(appender, redis, redis_url):
    redis.config_set("maxmemory", redis.info("memory")["used_memory"] * 5 // 4)
    with pytest.raises(JournalFullError, match=r"8\d% of its memory"):
        await appender.append([b"1"])


async def test_the_memory_is_checked_once_a_minute(appender, redis, monkeypatch):
    await appender.append([b"1"])
    monkeypatch.setattr(module, "FULL_MEMORY", 0.0)
    for _ in range(11):
        await appender.append([b"1"])
    with pytest.raises(JournalFullError):
        await appender.append([b"1"])


async def test_it_knows_how_far_storing_is_behind(appender, redis):
    assert appender.store_lag is None
    await appender.append([b"1"])
    assert appender.store_lag == 0
    await asyncio.sleep(0.02)
    await appender.append([b"2"])
    assert 0.01 <= appender.store_lag < 10
    newest = int(redis.xinfo_stream(stream.keys().stream)["last-generated-id"].decode().split("-")[0])
    appender._first_id = f"{newest - 200_000}-0"
    stream.note_stored(redis, f"{newest - 90_000}-0")
    await appender.append([b"3"])
    assert 90 <= appender.store_lag < 100


async def test_time_in_which_no_node_ran_is_not_lag(appender, redis):
    stream.note_stored(redis, f"{int(stream.now(redis) - 1_000) * 1000}-0")
    await appender.append([b"1"])
    assert appender.store_lag == 0


async def test_setting_the_clock_of_redis_back_is_not_lag(appender, redis):
    stream.note_stored(redis, "9999999999999-0")
    await appender.append([b"1"])
    assert appender.store_lag == 0


async def test_a_redis_that_evicts_is_reported_with_how_full_it_is(appender, redis):
    await appender.append([b"1"])
    assert appender.evictable_percent == 0
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        for _ in range(12):
            await appender.append([b"1"])
        assert 0 < appender.evictable_percent < 75
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
