import time
from contextlib import asynccontextmanager

import pytest

from monitoring.core.alerts import AlertBook
from monitoring.core.hub import Hub
from monitoring.core.journal_state import JournalState
from monitoring.fleet import totals, totals_writer
from monitoring.fleet.clock_skew import ClockSkew
from monitoring.fleet.totals import key_of
from monitoring.fleet.totals_writer import NodeTotalsSink, TotalsWriter
from tests.fakes import FakeViewer, hub_of, ticked
from tests.waiting import until

NOWHERE = "unix:///nowhere/valkey.sock"


class FakeJournal:
    appended = 3
    state = JournalState(backlog=2, dropped=1, waits_for="redis")


@pytest.fixture
def hub(monitor) -> Hub:
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    return hub


@pytest.fixture
def own(monitor, hub) -> NodeTotalsSink:
    """The node's totals, filled by its monitor's ticks."""
    own = NodeTotalsSink(monitor, hub, FakeJournal())
    monitor.sinks.append(own)
    return own


def taken(own: NodeTotalsSink, now: float = 0.0) -> totals.NodeTotals:
    return totals.decode(own.snapshot(now))


@asynccontextmanager
async def writing(url: str, own: NodeTotalsSink, skew: ClockSkew | None = None):
    writer = TotalsWriter(url, "n1", own, skew or ClockSkew())
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


def test_ticks_are_added_up(own, monitor, clock):
    monitor.collector.track_client_connection("ada")
    for _ in range(3):
        monitor.collector.track_message()
        monitor.collector.track_client_latency("ada", 20.0)
        ticked(monitor, clock)
    found = taken(own)
    assert (found.node, found.messages, found.connects) == ("n1", 3, 1)
    assert (found.latency_ms, found.latency_sketch.count) == (60.0, 3)
    assert found.ticked_at == clock.now


def test_they_contain_the_last_frame_and_reading_of_the_host(own, monitor, hub, clock, probe):
    hub.join(FakeViewer())
    probe.set(cpu_percent=42.0)
    ticked(monitor, clock)
    found = taken(own)
    assert found.system.cpu_percent == 42.0
    assert (found.server.viewers, found.server.active_connections) == (1, 0)
    assert found.server.monitor.interval == 1.0


def test_a_reading_is_not_rounded_as_in_frames(own, monitor, clock):
    ticked(monitor, clock, 1.23456)
    assert taken(own).server.uptime_seconds == pytest.approx(1.23456, abs=1e-6)


def test_they_contain_the_state_of_the_journal(own, monitor, clock):
    ticked(monitor, clock)
    found = taken(own)
    assert (found.journal_appended, found.journal) == (3, FakeJournal.state)


def test_firing_alerts_are_counted_and_the_others_are_zero(own, monitor, clock, probe):
    probe.set(cpu_percent=99.0)
    ticked(monitor, clock)
    counts = {alert.metric: alert.firing for alert in taken(own).alerts}
    assert counts == dict.fromkeys(AlertBook(monitor.alerts.rules).rules, 0) | {"cpu_percent": 1}


def test_a_nodes_counters_begin_with_its_first_sample(own, monitor, clock):
    first = ticked(monitor, clock)
    ticked(monitor, clock)
    assert taken(own).started_at == first.sample.start


def test_they_stay_small_however_long_they_run(own, monitor, clock):
    for latency in range(1, 3_000):
        monitor.collector.track_client_latency("ada", latency / 10)
    ticked(monitor, clock)
    before = len(own.snapshot(0.0))
    for _ in range(50):
        for latency in range(1, 3_000):
            monitor.collector.track_client_latency("ada", latency / 10)
        ticked(monitor, clock)
    assert len(own.snapshot(0.0)) < before * 1.6


async def test_it_writes_what_any_node_can_read(own, monitor, clock, redis, redis_url):
    ticked(monitor, clock)
    async with writing(redis_url, own):
        await until(lambda: redis.hexists(key_of("test"), "n1"))
        assert [one.node for one in totals.read(redis)] == ["n1"]


async def test_the_stamp_is_redis_own_time(own, monitor, clock, redis, redis_url):
    ticked(monitor, clock)
    async with writing(redis_url, own):
        await until(lambda: redis.hexists(key_of("test"), "n1"))
    # The monitor runs on a clock that stands still in the past.
    async with writing(redis_url, own):
        await until(lambda: totals.read(redis))
        assert abs(totals.read(redis)[0].written_at - redis.time()[0]) < 3


async def test_before_the_first_tick_nothing_is_written(own, monitor, clock, redis, redis_url, monkeypatch):
    monkeypatch.setattr(totals_writer, "FIRST_SECONDS", 0.01)
    async with writing(redis_url, own):
        assert not redis.exists(key_of("test"))
        ticked(monitor, clock)
        await until(lambda: redis.hexists(key_of("test"), "n1"))


async def test_it_writes_again_and_again(own, monitor, clock, redis, redis_url, monkeypatch):
    monkeypatch.setattr(totals_writer, "WRITE_SECONDS", 0.01)
    ticked(monitor, clock)
    async with writing(redis_url, own):
        monitor.collector.track_message()
        ticked(monitor, clock)
        await until(lambda: [one.messages for one in totals.read(redis)] == [1])


async def test_a_clean_stop_removes_the_node(own, monitor, clock, redis, redis_url):
    ticked(monitor, clock)
    async with writing(redis_url, own):
        await until(lambda: redis.hexists(key_of("test"), "n1"))
    assert not redis.exists(key_of("test"))


async def test_without_redis_failures_are_counted_and_logged_once(own, monitor, clock, caplog, monkeypatch):
    monkeypatch.setattr(totals_writer, "WRITE_SECONDS", 0.01)
    ticked(monitor, clock)
    async with writing(NOWHERE, own) as writer:
        await until(lambda: writer.failures >= 3)
    assert caplog.text.count("Cannot write this node's totals") == 1


async def test_writing_continues_when_redis_is_back(own, monitor, clock, redis, redis_url, monkeypatch):
    monkeypatch.setattr(totals_writer, "WRITE_SECONDS", 0.01)
    redis.config_set("maxmemory", "1")
    ticked(monitor, clock)
    async with writing(redis_url, own) as writer:
        await until(lambda: writer.failures)
        redis.config_set("maxmemory", "64mb")
        await until(lambda: redis.hexists(key_of("test"), "n1"))


async def test_it_records_how_far_the_clock_is_off(own, monitor, clock, redis, redis_url, monkeypatch):
    ticked(monitor, clock)
    real = time.time
    monkeypatch.setattr(totals_writer.time, "time", lambda: real() + 30)
    skew = ClockSkew()
    async with writing(redis_url, own, skew):
        await until(lambda: skew.seconds is not None)
        assert skew.seconds == pytest.approx(30, abs=1)
