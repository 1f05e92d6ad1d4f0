"""Batches of the journal to rows. All of it runs inside one transaction that the caller opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from monitoring import departed, episodes
from monitoring.columns import fitting, timestamp
from monitoring.core.fold import Part, fold
from monitoring.core.records import Batch, SessionRecord
from monitoring.core.sample import Sample
from monitoring.core.spread import spread
from monitoring.models import ClientSession, Horizon, Hour, Marker, Minute, Node, Pending
from monitoring.models.aggregate import FLEET, Aggregate


class Arrival(NamedTuple):
    """A batch and when the journal got it, UTC epoch seconds."""

    at: float
    batch: Batch


class Key(NamedTuple):
    """Which minute a sample belongs to."""

    node: str
    boot: str
    epoch: int

    @classmethod
    def of(cls, row: Aggregate) -> Key:
        return cls(row.node, row.boot, row.epoch)


def store(arrivals: Iterable[Arrival]) -> int:
    """Stores what is new of these batches, in the journal's order; how many minutes they touched.

    Raises ValueError, OverflowError or a django.db error when a value fits no column; nothing is stored then.
    """
    batches = store_nodes(arrivals)
    store_sessions(batches)
    episodes.store_alerts(batches)
    store_jumps(batches)
    return store_minutes(batches)


def store_nodes(arrivals: Iterable[Arrival]) -> list[Batch]:
    """Notes who was heard; the batches that were not stored before.

    A writer repeats an append whose answer it never got, so a batch may stand in the journal twice. Its number tells.
    """
    arrivals = list(arrivals)
    nodes = {node.boot: node for node in Node.objects.of_boots({arrival.batch.boot for arrival in arrivals})}
    fresh = []
    returned = []
    for at, batch in arrivals:
        seen = timestamp(at)
        node = nodes.get(batch.boot)
        if node is None:
            node = Node(node=fitting(batch.node), boot=batch.boot, host=fitting(batch.host), first_seen=seen)
            nodes[batch.boot] = node
        elif batch.seq <= node.last_seq:
            continue
        if node.gone:
            returned.append((node.boot, node.last_seen))
            node.gone = False
        node.missed += batch.seq - node.last_seq - 1
        node.last_seq = batch.seq
        node.last_seen = seen
        fresh.append(batch)
    Node.objects.bulk_update((node for node in nodes.values() if node.pk), ["last_seen", "last_seq", "missed", "gone"])
    Node.objects.bulk_create(node for node in nodes.values() if not node.pk)
    for boot, since in returned:
        departed.reopen(boot, since)
    return fresh


def store_minutes(batches: Iterable[Batch]) -> int:
    """Adds the batches' samples to their minutes; how many minutes of nodes that were.

    The fleet's rows of these minutes are folded anew, and their hours are marked to be.
    """
    sums: dict[Key, Sample] = {}
    hosts: dict[Key, str] = {}
    void: set[Key] = set()
    for batch in batches:
        for epoch in batch.renewed:
            key = Key(fitting(batch.node), batch.boot, epoch)
            sums.pop(key, None)
            void.add(key)
        for sample in batch.samples:
            for piece in spread(sample, Minute.SECONDS):
                key = Key(fitting(batch.node), batch.boot, Minute.start_of(piece.start))
                sums[key] = sums[key] + piece if key in sums else piece
                hosts[key] = fitting(batch.host)
    if not sums:
        return 0
    epochs = {key.epoch for key in sums}
    Horizon.objects.lock()
    Pending.objects.mark("hour", {Hour.start_of(epoch) for epoch in epochs})
    stored = {Key.of(row): row for row in Minute.objects.at(epochs).of_each_node()}
    hosts |= {key: row.host for key, row in stored.items()}
    minutes = {key: row.to_sample() for key, row in stored.items() if key not in void}
    minutes |= {key: minutes[key] + sample if key in minutes else sample for key, sample in sums.items()}
    Minute.objects.upsert([Minute.from_sample(key.node, key.boot, hosts[key], minutes[key]) for key in sums])
    store_fleet(Part(key.node, hosts[key], sample) for key, sample in minutes.items())
    return len(sums)


def store_jumps(batches: Iterable[Batch]) -> None:
    """Marks where a host's clock was set, once for all its nodes, at the earlier of the two times."""
    for batch in batches:
        for jump in batch.jumps:
            Marker.objects.mark_jump(timestamp(min(jump.at, jump.at - jump.seconds)), batch.host, jump.seconds)


def store_fleet(parts: Iterable[Part]) -> None:
    """Folds the minutes of all nodes to those of the fleet."""
    by_minute: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_minute[Minute.start_of(part.sample.start)].append(part)
    Minute.objects.upsert([Minute.from_sample(FLEET, "", "", fold(found)) for found in by_minute.values()])


def store_sessions(batches: Iterable[Batch]) -> None:
    """Stores each session as its last record has it."""
    rows = {
        (batch.boot, record.session_id): session_row(batch, record) for batch in batches for record in batch.sessions
    }
    ClientSession.objects.upsert(rows.values())


def session_row(batch: Batch, record: SessionRecord) -> ClientSession:
    """The row of a record, not saved. Raises ValueError for times that no calendar has."""
    return ClientSession(
        node=fitting(batch.node),
        boot=batch.boot,
        session_id=record.session_id,
        client_id=fitting(record.client_id),
        path=fitting(record.path),
        remote=fitting(record.remote),
        connected_at=timestamp(record.connected_at),
        disconnected_at=None if record.disconnected_at is None else timestamp(record.disconnected_at),
        messages=record.messages,
        bytes_received=record.bytes_received,
        bytes_sent=record.bytes_sent,
        latency_average_ms=record.latency_average_ms,
        latency_p95_ms=record.latency_p95_ms,
        latency_sketch=record.latency_sketch,
        fps_average=record.fps_average,
        frame_time_sketch=record.frame_time_sketch,
        close_code=record.close_code,
        ended=fitting(record.ended, 32),
    )
