"""Batches of the journal to rows. All of it runs inside one transaction that the caller opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from monitoring import departed, episodes
from monitoring.columns import fitting, timestamp
from monitoring.core.records import Batch, SessionRecord
from monitoring.core.sample import Sample
from monitoring.models import ClientSession, Minute, Node


class Arrival(NamedTuple):
    """A batch and when the journal got it, UTC epoch seconds."""

    at: float
    batch: Batch


def store(arrivals: Iterable[Arrival]) -> int:
    """Stores what is new of these batches, in the journal's order; how many minutes they touched.

    Raises ValueError, OverflowError or a django.db error when a value fits no column; nothing is stored then.
    """
    batches = store_nodes(arrivals)
    store_sessions(batches)
    episodes.store_alerts(batches)
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
    """Adds the batches' samples to the minutes in which they begin; how many minutes that were."""
    sums: dict[tuple[str, str, str, int], Sample] = {}
    for batch in batches:
        for sample in batch.samples:
            key = fitting(batch.node), batch.boot, fitting(batch.host), Minute.start_of(sample.start)
            sums[key] = sums[key] + sample if key in sums else sample
    stored = {(row.boot, row.epoch): row for row in Minute.objects.of_stretches({(key[1], key[3]) for key in sums})}
    rows = []
    for (node, boot, host, epoch), sample in sums.items():
        before = stored.get((boot, epoch))
        rows.append(Minute.from_sample(node, boot, host, before.to_sample() + sample if before else sample))
    Minute.objects.upsert(rows)
    return len(rows)


def store_sessions(batches: Iterable[Batch]) -> None:
    """Stores each session as its last record has it."""
    rows = {(batch.boot, record.session_id): _session(batch, record) for batch in batches for record in batch.sessions}
    ClientSession.objects.upsert(rows.values())


def _session(batch: Batch, record: SessionRecord) -> ClientSession:
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
        fps_average=record.fps_average,
        close_code=record.close_code,
        ended=fitting(record.ended, 32),
    )
