"""Nodes, journal and database under every order of crashes, against a model that only knows what cannot be lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis import ConnectionError as RedisConnectionError

from monitoring.core.clock import Stamps
from monitoring.core.collector import MetricsCollector
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.records import Batch
from monitoring.journal import stream
from monitoring.journal.backlog import Backlog, OldestBatches, Storage
from monitoring.journal.batcher import Batcher
from monitoring.journal.spill import Spill
from monitoring.models import Hour, JournalCursor, Minute, Node, Pending
from monitoring.storage import ingest as drain_module
from monitoring.storage import rows
from monitoring.storage.ingest import drain
from tests.fakes import FakeClock, FakeProbe

Number = tuple[str, int]
"""A boot and one of its batches."""

NODES = st.sampled_from(["web:1", "web:2"])
TICKS = st.lists(st.integers(0, 3), min_size=3, max_size=15)


class Process:
    """One start of a node: the real monitor, batches and spill file; whatever is appended, the machine appends."""

    def __init__(self, name: str, directory: Path, wall: FakeClock, steady: FakeClock) -> None:
        collector = MetricsCollector(probe=FakeProbe(), clock=steady)
        self.monitor = PerformanceMonitor(collector=collector, stamps=Stamps(wall, steady), node=name)
        self.boot = self.monitor.boot
        self.batcher = Batcher(name, self.boot, "web")
        self.spill = Spill(directory, name, self.boot)
        self.backlog = Backlog(self.spill)

    def tick(self, messages: int) -> Batch | None:
        for _ in range(messages):
            self.monitor.collector.track_message()
        return self.queued(self.batcher.add(self.monitor.tick()))

    def queued(self, batch: Batch | None) -> Batch | None:
        if batch is not None:
            self.backlog.add(batch.seq, stream.pack(batch))
        return batch


class HistoryMachine(RuleBasedStateMachine):
    """`places` says of each batch where it is: in a process's memory, on disk, in the stream, stored."""

    client = None

    def __init__(self) -> None:
        super().__init__()
        for model in (Minute, Hour, Pending, Node, JournalCursor):
            model.objects.all().delete()
        self.client.flushall()
        self.directory = Path(tempfile.mkdtemp(prefix="history-"))
        self.loop = asyncio.new_event_loop()
        self.steady = FakeClock()
        self.walls = {"web:1": FakeClock(), "web:2": FakeClock()}
        self.batches: dict[Number, Batch] = {}
        self.places: defaultdict[Number, set[str]] = defaultdict(set)
        self.processes = {name: self.started(name) for name in self.walls}

    def teardown(self) -> None:
        """At last everything is well, and then all is stored that was not lost by the rules."""
        for name in self.walls:
            self.stop(name)
        self.drain_all()
        assert {number for number, places in self.places.items() if places} == self.in_place("stored")
        for process in self.processes.values():
            process.spill.close()
        self.loop.close()
        shutil.rmtree(self.directory)

    # Nodes

    @rule(messages=TICKS)
    def tick(self, messages: list[int]) -> None:
        for number in messages:
            self.steady.advance(1)
            for name, process in self.processes.items():
                self.walls[name].advance(1)
                self.note(process.tick(number), "memory")

    @rule(node=NODES, seconds=st.sampled_from([-3_600, -7, 0.4, 90, 3_600]))
    def the_clock_jumps(self, node: str, seconds: float) -> None:
        self.walls[node].advance(seconds)

    @rule()
    def append(self) -> None:
        for name in self.processes:
            self.append_all(name)

    @rule()
    def the_answers_are_lost(self) -> None:
        for name in self.processes:
            if head := self.first(name):
                self.redis_takes(head)

    @rule(messages=TICKS)
    def redis_is_away(self, messages: list[int]) -> None:
        for process in self.processes.values():
            self.run(process.backlog.keep())
            self.move(self.of(process.boot), "memory", "disk")
        self.tick(messages)

    @rule(node=NODES)
    def stop(self, node: str) -> None:
        process = self.processes[node]
        self.note(process.queued(process.batcher.close()), "memory")
        self.append_all(node)
        self.kill(node)

    @rule(node=NODES)
    def kill(self, node: str) -> None:
        """What is in its memory is lost; the kernel lets go of its files."""
        self.drop(self.of(self.processes[node].boot), "memory")
        self.processes[node].spill.close()
        self.processes[node] = self.started(node)
        self.run(self.processes[node].backlog.adopt())

    # Redis

    @rule()
    def redis_loses_everything(self) -> None:
        self.client.flushall()
        self.drop(self.in_place("stream"), "stream")

    @precondition(lambda self: self.in_place("stored"))
    @rule(source=st.data())
    def a_copy_comes_late(self, source: st.DataObject) -> None:
        """Of a batch that was stored: what hung in a connection is appended after what followed it."""
        number = source.draw(st.sampled_from(sorted(self.in_place("stored"), key=list(self.batches).index)))
        self.client.xadd(stream.keys().stream, {stream.FIELD: stream.pack(self.batches[number])})

    # Worker

    @rule()
    def drain_all(self) -> None:
        drain(self.client)
        self.stored()

    @rule()
    def the_worker_dies_before_it_commits(self) -> None:
        def store_and_die(arrivals):
            kept(arrivals)
            raise OperationalError("killed")

        kept = rows.store
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "store", store_and_die)
            if self.in_place("stream"):
                with pytest.raises(OperationalError):
                    drain(self.client)

    @rule()
    def the_worker_dies_after_it_has_committed(self) -> None:
        def die(*_):
            raise RedisConnectionError("killed")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stream, "trim_up_to", die)
            patch.setattr(drain_module, "CHUNK", 1_000)
            if self.in_place("stream"):
                with pytest.raises(RedisConnectionError):
                    drain(self.client)
                self.stored()

    @rule()
    def two_workers_store_at_once(self) -> None:
        read_after = stream.read_after

        def read_and_be_overtaken(*arguments, **named):
            entries = read_after(*arguments, **named)
            with pytest.MonkeyPatch.context() as inner:
                inner.setattr(stream, "read_after", read_after)
                drain(self.client)
            return entries

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stream, "read_after", read_and_be_overtaken)
            drain(self.client)
        self.stored()

    @invariant()
    def the_database_holds_exactly_what_was_stored(self) -> None:
        expected: defaultdict[tuple[str, int], list[float]] = defaultdict(lambda: [0, 0.0])
        for number in sorted(self.in_place("stored"), key=lambda number: number[1]):
            for epoch in self.batches[number].renewed:
                # The clock was set back: what was told of this minute before was by the wrong one.
                expected.pop((number[0], epoch), None)
            for sample in self.batches[number].samples:
                total = expected[number[0], Minute.start_of(sample.start)]
                total[0] += sample.messages
                total[1] += sample.seconds
        rows = Minute.objects.of_each_node().values_list("boot", "epoch", "messages", "coverage")
        assert {(boot, epoch): [messages, coverage] for boot, epoch, messages, coverage in rows} == expected
        assert all(seconds <= 60 for _, seconds in expected.values())
        fleet = dict(Minute.objects.of_fleet().values_list("epoch", "messages"))
        assert fleet == totals_by_minute(expected)

    # The model

    def started(self, name: str) -> Process:
        return Process(name, self.directory, self.walls[name], self.steady)

    def run(self, work):
        return self.loop.run_until_complete(work)

    def append_all(self, node: str) -> None:
        backlog = self.processes[node].backlog
        while head := self.first(node):
            self.redis_takes(head)
            self.run(backlog.take(head))
            self.forget(head)

    def first(self, node: str) -> OldestBatches | None:
        process = self.processes[node]
        behind = process.spill.has_own
        head = self.run(process.backlog.first())
        if behind:
            self.move(self.of(process.boot), "memory", "disk")
        return head

    def redis_takes(self, head: OldestBatches) -> None:
        with self.client.pipeline() as pipe:
            for data in head.batches:
                pipe.xadd(stream.keys().stream, {stream.FIELD: data})
            pipe.execute()
        for number in numbers(head):
            if "stored" not in self.places[number]:
                self.places[number].add("stream")

    def forget(self, head: OldestBatches) -> None:
        place = "memory" if head.place is Storage.MEMORY else "disk"
        for number in numbers(head):
            self.places[number].discard(place)

    def note(self, batch: Batch | None, place: str) -> None:
        if batch is not None:
            self.batches[batch.boot, batch.seq] = batch
            self.places[batch.boot, batch.seq].add(place)

    def of(self, boot: str) -> set[Number]:
        return {number for number in self.places if number[0] == boot}

    def in_place(self, place: str) -> set[Number]:
        return {number for number, places in self.places.items() if place in places}

    def move(self, numbers: set[Number], start: str, end: str) -> None:
        for number in numbers & self.in_place(start):
            self.places[number].remove(start)
            self.places[number].add(end)

    def drop(self, numbers: set[Number], place: str) -> None:
        for number in numbers:
            self.places[number].discard(place)

    def stored(self) -> None:
        self.move(self.in_place("stream"), "stream", "stored")


def numbers(head: OldestBatches) -> list[Number]:
    return [(batch.boot, batch.seq) for batch in map(stream.unpack, head.batches)]


def totals_by_minute(rows: dict[tuple[str, int], list[float]]) -> dict[int, float]:
    totals: defaultdict[int, float] = defaultdict(float)
    for (_, epoch), (messages, _) in rows.items():
        totals[epoch] += messages
    return dict(totals)


@pytest.mark.django_db
def test_whatever_dies_whatever_is_not_lost_is_stored_exactly_once(redis, monkeypatch):
    monkeypatch.setattr(HistoryMachine, "client", redis)
    bounds = settings(
        max_examples=60,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(HistoryMachine, settings=bounds)
