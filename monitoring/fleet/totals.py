"""What each node has counted since its start, kept where every other node can read it.

A node adds each tick to its running totals and every five seconds writes them all to one field of a Redis hash. So a
request for the fleet's metrics reads one key, and a killed node disappears from it a minute later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import cast

import msgspec
import redis

from monitoring import site
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import AlertScope
from monitoring.core.journal_state import JournalState
from monitoring.core.meter import Cost
from monitoring.core.metrics import ServerMetrics, SystemMetrics
from monitoring.core.own_gauges import GaugeReading
from monitoring.core.stats import breakdowns
from monitoring.core.stats.sample import COUNTERS, SKETCHES, Counts, Sample
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.journal import stream

said = SaidOnce(logging.getLogger(__name__))

FORMER_KEY = "avatar:totals"
"""The key of all sites that shared a Redis, before each had a name."""

STALE_SECONDS = 60.0
"""A node that has not written for this long is gone."""

HOST_ALERTS = frozenset(name for name, metric in ALERT_METRICS_BY_NAME.items() if AlertScope.HOST in metric.scopes)
"""Alerts about a host, which each of its nodes reports."""


class AlertCount(msgspec.Struct, array_like=True, frozen=True):
    """How many alerts of one metric are firing."""

    metric: str
    severity: str
    firing: int


VERSION = 1
"""The version of this release's totals; it changes as that of batches does."""


class ServerTotals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a node's server is doing: its last reading, what it has counted since its start, and its monitor's cost.

    None is what is not known: nothing was measured yet, or the node's release does not send it. It is sent as a map
    without these, which older releases read by its keys.
    """

    active_connections: int | None = None
    uptime_seconds: float | None = None
    fps: float | None = None
    paused_reads: int | None = None
    closed_slow: int | None = None
    refused_messages: int | None = None
    refused: dict[str, int] = {}
    sessions_left_out: int | None = None
    errors: int | None = None
    viewers: int | None = None
    skipped_frames: int | None = None
    verdicts: dict[str, int] | None = None
    monitor: Cost | None = None

    @classmethod
    def of(
        cls,
        server: ServerMetrics,
        cost: Cost,
        *,
        viewers: int,
        skipped_frames: int,
        verdicts: dict[str, int] | None = None,
    ) -> ServerTotals:
        protection = server.protection
        return cls(
            active_connections=server.active_connections,
            uptime_seconds=server.uptime_seconds,
            fps=server.fps,
            paused_reads=protection.paused_reads,
            closed_slow=protection.closed_slow,
            refused_messages=protection.refused_messages,
            refused=dict(protection.refused),
            sessions_left_out=server.sessions_left_out,
            errors=server.errors,
            viewers=viewers,
            skipped_frames=skipped_frames,
            verdicts=verdicts,
            monitor=cost,
        )


class NodeTotals(Counts, kw_only=True):
    """One start of one node.

    Its counts are those since `started_at`; `latency_ms` is the sum of what `latency_sketch` counts. `system` is the
    host's last reading, `server` the node's; `journal` is None if there is none. `written_at` is the Redis server's
    time, which is one clock for all nodes. `gauges` are the project's own at the last tick. Times are UTC epoch
    seconds. Within one `place` no two processes have the same name at once (`node_name`).
    """

    version: int = VERSION
    node: str
    boot: str
    host: str
    build: dict[str, str]
    started_at: float
    written_at: float = 0.0
    ticked_at: float = 0.0
    latency_ms: float = 0.0
    cpu_ms: float = 0.0
    bytes_broadcast: int = 0
    system: SystemMetrics | None = None
    server: ServerTotals = ServerTotals()
    alerts: list[AlertCount] = []
    journal: JournalState | None = None
    journal_appended: int | None = None
    place: str = ""
    gauges: list[GaugeReading] = []
    store_lag_seconds: float | None = None

    def add(self, sample: Sample) -> None:
        """Adds the counts of one more interval."""
        for name in COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(sample, name))
        self.latency_ms += sample.latency_ms.sum
        if sample.breakdowns:
            self.breakdowns = breakdowns.added((self.breakdowns, breakdowns.counted(sample.breakdowns)))
        for name in SKETCHES:
            getattr(self, name).merge(getattr(sample, name))


class TotalsStamp(msgspec.Struct):
    """What the totals of any release begin with."""

    version: int
    written_at: float


_decode = msgspec.msgpack.Decoder(NodeTotals).decode
_decode_stamp = msgspec.msgpack.Decoder(TotalsStamp).decode


def key_of(name: str) -> str:
    """The hash that holds the totals of a site's nodes, a field for each boot."""
    return site.key_of(name, "totals")


def decode(data: bytes) -> NodeTotals:
    """The totals of a snapshot. Raises ValueError for anything else, or for another release's."""
    try:
        version = _decode_stamp(data).version
        if version != VERSION:
            raise ValueError(f"their version is {version}, this release reads {VERSION}")
        return _decode(data)
    except RecursionError:
        raise ValueError("they are nested too deeply") from None


def read(client: redis.Redis) -> list[NodeTotals]:
    """The totals of all this site's nodes, by name; deletes what nodes that are gone have left behind.

    Raises SiteUnknownError, or redis.RedisError within the client's time limit. Totals that this release cannot read
    are skipped, with one log line per boot.
    """
    key = key_of(site.name())
    fields = cast("dict[bytes, bytes]", client.hgetall(key))
    oldest = stream.now(client) - STALE_SECONDS
    gone = [field for field, data in fields.items() if written_at(data) < oldest]
    if gone:
        client.hdel(key, *gone)
    nodes = []
    for field in fields.keys() - set(gone):
        try:
            nodes.append(decode(fields[field]))
        except ValueError as error:
            said.warn("The totals", f"boot {field.decode(errors='replace')}", f"they are skipped: {error}")
    return sorted(_alive(nodes), key=lambda node: (node.node, node.boot))


def _alive(nodes: Iterable[NodeTotals]) -> list[NodeTotals]:
    """Without nodes that were killed and started again: two of one name and place are never alive at once."""
    newest: dict[tuple[str, str], NodeTotals] = {}
    for node in sorted(nodes, key=lambda node: node.written_at):
        newest[node.node, node.place or node.boot] = node
    return list(newest.values())


def written_at(data: bytes) -> float:
    """When a snapshot was written; anything else counts as very old."""
    try:
        return _decode_stamp(data).written_at
    except (msgspec.DecodeError, RecursionError):
        return 0.0
