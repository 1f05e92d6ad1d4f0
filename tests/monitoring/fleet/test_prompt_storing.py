"""Asking for alerts to be stored, over a real Redis, and over a broker that is as bad as it can be."""

import asyncio
import logging
import threading
from contextlib import asynccontextmanager

import pytest

from monitoring.fleet import prompt_storing
from monitoring.fleet.prompt_storing import OneThread, PromptStoring
from monitoring.journal.wake_list import WakeList
from monitoring.site import key_of, name
from tests.waiting import settled, until

NOWHERE = "unix:///nowhere/valkey.sock"


@asynccontextmanager
async def running(url: str, send=lambda _: None, app=lambda: None):
    storing = PromptStoring(url, app=app, send=send)
    await storing.start()
    try:
        yield storing
    finally:
        await storing.stop()


async def test_whoever_waits_on_the_list_is_woken_once_however_often_it_was_asked(redis, redis_url, site_name):
    async with running(redis_url) as storing:
        for _ in range(3):
            storing.ask()
        await until(lambda: redis.llen(key_of(site_name, "wake")))
    waiting = WakeList(redis_url)
    assert await asyncio.to_thread(waiting.wait, 1)
    assert not await asyncio.to_thread(waiting.wait, 0.01)


async def test_requests_before_the_stop_of_several_nodes_are_one_entry(redis, redis_url, site_name):
    for _ in range(2):
        async with running(redis_url) as storing:
            storing.ask()
    assert redis.llen(key_of(site_name, "wake")) == 1


async def test_a_worker_is_asked_in_a_thread_and_once_a_second(redis_url, monkeypatch, site_name):
    monkeypatch.setattr(prompt_storing, "PAUSE", 60.0)
    threads = []
    async with running(redis_url, lambda _: threads.append(threading.current_thread()), app=object) as storing:
        for _ in range(3):
            storing.ask()
        await until(lambda: threads and not threads[0].is_alive())
        storing.ask()
        await settled()
        assert len(threads) == 1
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_a_dead_broker_and_a_dead_redis_are_counted_and_logged_once(monkeypatch, caplog, site_name):
    monkeypatch.setattr(prompt_storing, "PAUSE", 0.001)
    monkeypatch.setattr(prompt_storing, "LONGEST_PAUSE", 0.002)

    def refuse(_app) -> None:
        raise ConnectionError("refused")

    with caplog.at_level(logging.WARNING):
        async with running(NOWHERE, refuse, app=object) as storing:

            def have_failed() -> bool:
                storing.ask()
                return min(storing.failures.values()) >= 3

            await until(have_failed)
    assert sorted(record.getMessage().partition(";")[0] for record in caplog.records) == [
        "Cannot ask by Celery that alerts be stored at once",
        "Cannot ask by Redis that alerts be stored at once",
    ]


async def test_a_broker_that_never_answers_holds_one_thread_and_nobody_waits_for_it():
    release = threading.Event()
    one = OneThread()
    with pytest.raises(TimeoutError, match="no answer within"):
        await one.run(release.wait, 0.01)
    with pytest.raises(TimeoutError, match="an earlier request is still waiting"):
        await one.run(release.wait, 0.01)
    release.set()


@pytest.fixture
def site_name(settings) -> str:
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "prompt"}
    return name()
