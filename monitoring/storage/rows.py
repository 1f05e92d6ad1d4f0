"""Turns batches of the journal into rows. All of it runs inside one transaction that the caller opens."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import add
from typing import NamedTuple

from django.utils import timezone

from monitoring.alerting.outbox import plan_notices
from monitoring.columns import fitting, timestamp
from monitoring.core.counted import counted
from monitoring.core.records import Batch
from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.sample import Sample
from monitoring.core.stats.spread import spread
from monitoring.core.stats.track import Track, follow
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.models import ClientSession, Hour, Minute, MinuteTrack, Node, Pending, PruneWatermark
from monitoring.models.aggregate import FLEET, Aggregate
from monitoring.storage import episodes, forgetting, heard_gauges, markers, network_changes, silent_nodes
from monitoring.storage.session_rows import session_row

logger = logging.getLogger(__name__)
said = SaidOnce(logger)


class Arrival(NamedTuple):
    """A batch and when the journal received it, UTC epoch seconds."""

    at: float
    batch: Batch


class Key(NamedTuple):
    """The minute that a sample belongs to."""

    node: str
    boot: str
    epoch: int

    @classmethod
    def of(cls, row: Aggregate) -> Key:
        return cls(row.node, row.boot, row.epoch)


def store(arrivals: Iterable[Arrival]) -> int:
    """Stores what is new in these batches, in the journal's order; returns how many minutes they touched.

    Raises ValueError, OverflowError or a django.db error if a value fits no column; nothing is stored then.
    """
    batches = store_nodes(arrivals)
    sessions = store_sessions(batches)
    if episodes.store_alerts(batches):
        plan_notices(timezone.now())
    markers.store(batches)
    heard_gauges.store(batches)
    minutes = store_minutes(batches)
    network_changes.correct_causes(sessions)
    return minutes


def store_nodes(arrivals: Iterable[Arrival]) -> list[Batch]:
    """Records who was heard; returns the batches that were not stored before.

    A writer repeats an append whose answer it never got, so a batch may be in the journal twice. Its number reveals it.
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
        _hear(node, batch, seen)
        fresh.append(batch)
    columns = ["last_seen", "last_seq", "missed", "gone", "left"]
    Node.objects.bulk_update((node for node in nodes.values() if node.pk), columns)
    Node.objects.bulk_create(node for node in nodes.values() if not node.pk)
    for boot, since in returned:
        silent_nodes.reopen(boot, since)
    return fresh


def _hear(node: Node, batch: Batch, seen: datetime) -> None:
    """Takes down what a node's next batch says of the node itself."""
    if missed := batch.seq - node.last_seq - 1:
        logger.warning(
            "%s of %s never arrived: the journal lost them, or a disk was full",
            counted(missed, "batch", "batches"),
            node,
        )
    node.missed += missed
    node.last_seq = batch.seq
    node.left = batch.leaving or not batch.says_when_leaving
    node.last_seen = seen


def store_minutes(batches: Iterable[Batch]) -> int:
    """Adds the batches' samples to their minutes; returns how many minutes of nodes these are.

    The fleet's rows of these minutes are folded again, and their hours are marked for rolling up.
    """
    pieces, hosts, void = _by_minute(batches)
    if not pieces:
        return 0
    epochs = {key.epoch for key in pieces}
    PruneWatermark.objects.lock()
    Pending.objects.mark("hour", {Hour.start_of(epoch) for epoch in epochs})
    stored = {Key.of(row): row for row in Minute.objects.at(epochs).of_each_node()}
    hosts |= {key: row.host for key, row in stored.items()}
    stored = {key: row for key, row in stored.items() if key not in void}
    tracks = _store_tracks(pieces, stored, void)
    minutes = {key: row.readable_sample() for key, row in stored.items()}
    foreign = {key: row.foreign_sketches() for key, row in stored.items()}
    for key, found in pieces.items():
        minutes[key] = reduce(add, found, minutes[key]) if key in minutes else reduce(add, found)
    rows = {key: Minute.from_sample(key.node, key.boot, hosts[key], minutes[key]) for key in pieces}
    for key, row in rows.items():
        row.keep(foreign.get(key, {}))
    Minute.objects.upsert(rows.values())
    _store_fleet({key: NodeSample(key.node, hosts[key], sample) for key, sample in minutes.items()}, tracks, foreign)
    return len(pieces)


def _by_minute(batches: Iterable[Batch]) -> tuple[dict[Key, list[Sample]], dict[Key, str], set[Key]]:
    """The samples cut at minutes, the host of each minute, and the minutes of which all that came before is void."""
    pieces: defaultdict[Key, list[Sample]] = defaultdict(list)
    hosts: dict[Key, str] = {}
    void: set[Key] = set()
    for batch in batches:
        for epoch in batch.renewed:
            key = Key(fitting(batch.node), batch.boot, epoch)
            pieces.pop(key, None)
            void.add(key)
        for sample in batch.samples:
            for piece in spread(sample, Minute.SECONDS):
                key = Key(fitting(batch.node), batch.boot, Minute.start_of(piece.start))
                pieces[key].append(piece)
                hosts[key] = fitting(batch.host)
    return pieces, hosts, void


def _store_tracks(
    pieces: Mapping[Key, list[Sample]], stored: Collection[Key], void: Collection[Key]
) -> dict[Key, Track]:
    """Adds the pieces to their tracks, from scratch if these are void; returns all nodes' kept tracks."""
    found = MinuteTrack.objects.at({key.epoch for key in pieces})
    tracks = {Key(row.node, row.boot, row.epoch): _track(row) for row in found}
    tracks = {key: track for key, track in tracks.items() if key not in void}
    for key, samples in pieces.items():
        if key not in tracks:
            # The track for what was stored before is no longer kept.
            tracks[key] = Track(whole=key not in stored)
        for sample in samples:
            tracks[key].add(sample)
    now = timezone.now()
    MinuteTrack.objects.upsert(
        MinuteTrack(node=key.node, boot=key.boot, epoch=key.epoch, data=tracks[key].encode(), written_at=now)
        for key in pieces
    )
    return tracks


def _track(row: MinuteTrack) -> Track:
    try:
        return Track.decode(bytes(row.data))
    except ValueError as error:
        # What others measured in that minute is stored anyway; the extremes of additive values are then bounds.
        said.warn("The seconds of a minute", row.node, f"they are skipped: {error}")
        return Track(whole=False)


def _store_fleet(
    parts: Mapping[Key, NodeSample], tracks: Mapping[Key, Track], foreign: Mapping[Key, Mapping[str, bytes]]
) -> None:
    """Folds the minutes of all nodes to those of the fleet, second by second if all tracks are known.

    If distributions in one of the nodes' minutes are foreign to this release, so are the fleet's.
    """
    by_minute: defaultdict[int, list[Key]] = defaultdict(list)
    for key in parts:
        by_minute[key.epoch].append(key)
    rows = []
    for keys in by_minute.values():
        found = [parts[key] for key in keys]
        whole = fold(found)
        follow(whole, found, [tracks.get(key) for key in keys])
        row = Minute.from_sample(FLEET, "", "", whole)
        for key in keys:
            row.keep(foreign.get(key, {}))
        rows.append(row)
    Minute.objects.upsert(rows)


def store_fleet(rows: Iterable[Minute]) -> None:
    """Folds stored minutes of all nodes to those of the fleet; the extremes of additive values are bounds."""
    found = {Key.of(row): row for row in rows}
    foreign = {key: row.foreign_sketches() for key, row in found.items()}
    _store_fleet({key: row.to_part() for key, row in found.items()}, {}, foreign)


def store_sessions(batches: Iterable[Batch]) -> Collection[ClientSession]:
    """Stores each session as its last record has it; returns their rows."""
    rows = {
        (batch.boot, record.session_id): session_row(batch, record) for batch in batches for record in batch.sessions
    }
    forgetting.blank_late(rows.values())
    ClientSession.objects.upsert(rows.values())
    return rows.values()
