"""Whatever Redis does, the live page stays on time, and the database gets what avatars sent."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from monitoring.journal import stream
from tests.faults.load import Load, Watcher
from tests.faults.stack import Stack, hung
from tests.site import eventually

pytestmark = pytest.mark.faults

LONGEST_GAP = 2.5
"""Seconds between two frames: twice the interval, and half a second for a machine that has other things to do."""


class Busy:
    """A site with sending avatars and a watching viewer."""

    def __init__(self, stack: Stack, load: Load, watcher: Watcher) -> None:
        self.stack, self.load, self.watcher = stack, load, watcher

    @property
    def journal(self) -> dict:
        return self.watcher.journals[-1]

    def waits(self, cause: str) -> None:
        """Until the live page says that history waits."""
        eventually(
            lambda: self.journal["waits_for"] == cause and self.journal["spilled"],
            what=f"history is kept on disk: {cause}",
        )

    def recovers(self) -> None:
        eventually(
            lambda: not self.journal["waits_for"] and not self.journal["spilled"], seconds=20, what="all is taken"
        )
        eventually(lambda: list(self.stack.spill.glob("*.*")) == [], what="no file is left")


@pytest.fixture
def busy(stack) -> Iterator[Busy]:
    stack.worker()
    stack.beat()
    daphne = stack.daphne()
    with ExitStack() as exits:
        watcher = exits.enter_context(Watcher(stack, stack.sign_in()))
        load = exits.enter_context(Load(stack))
        eventually(lambda: stack.messages() > 100, seconds=30, what="avatars are heard")
        yield Busy(stack, load, watcher)
        assert daphne.poll() is None


def all_arrives(busy: Busy, *, but: int = 0) -> None:
    sent = busy.load.stop()
    assert sent > 200
    busy.stack.stores(sent - but, seconds=40)
    assert busy.watcher.longest_gap < LONGEST_GAP
    assert busy.journal["dropped"] == 0


def test_when_redis_restarts_nothing_is_lost(busy):
    busy.stack.valkey.stop()
    busy.waits("redis")
    eventually(lambda: busy.watcher.alerts >= {"journal_lag_seconds"}, seconds=40, what="the page shows an alert")
    busy.stack.valkey.start()
    busy.recovers()
    all_arrives(busy)
    assert ("journal_lag_seconds",) in busy.stack.ask("SELECT metric FROM avatar_monitoring_alert")


def test_when_redis_hangs_for_twenty_seconds_nothing_is_lost(busy):
    with hung(busy.stack.valkey.pid):
        busy.waits("redis")
        time.sleep(20)
    busy.recovers()
    all_arrives(busy)


def test_when_redis_is_full_nothing_is_lost(busy):
    with busy.stack.connect() as redis:
        redis.config_set("maxmemory", redis.info("memory")["used_memory"] // 2)
        busy.waits("room")
        time.sleep(3)
        redis.config_set("maxmemory", "64mb")
    busy.recovers()
    all_arrives(busy)


def test_when_redis_is_full_at_once_nothing_is_lost(busy):
    """It refuses before nodes have checked how full it is."""
    with busy.stack.connect() as redis:
        redis.config_set("maxmemory", 1)
        busy.waits("room")
        redis.config_set("maxmemory", "64mb")
    busy.recovers()
    all_arrives(busy)


def test_when_redis_is_flushed_only_unstored_data_is_lost(busy):
    with busy.stack.connect() as redis, redis.pipeline() as pipe:
        pipe.xrange(stream.keys().stream)
        pipe.flushall()
        flushed, _ = pipe.execute()
    batches = [stream.unpack(fields[b"batch"]) for _, fields in flushed]
    sent = busy.load.stop()
    eventually(
        lambda: busy.stack.ask("SELECT MAX(last_seq) FROM avatar_monitoring_node")[0][0] > batches[-1].seq + 1,
        seconds=40,
    )
    eventually(busy.stack.drained(), seconds=30)
    missed = busy.stack.ask("SELECT SUM(missed) FROM avatar_monitoring_node")[0][0]
    lost = sum(sample.messages for batch in batches[len(batches) - missed :] for sample in batch.samples)
    assert busy.stack.messages() == sent - lost
    assert missed <= 3
    assert busy.watcher.longest_gap < LONGEST_GAP
