"""What the live page's tables show of a past moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from monitoring.core.browser_family import browser_of
from monitoring.core.identity import distinct_names
from monitoring.core.metrics import rounded
from monitoring.core.stats.fold import NodeSample, fold
from monitoring.history.alerts_at import firing_at
from monitoring.history.clients_at import PastView, connected_at
from monitoring.journal.unstored import unstored
from monitoring.models import ClientSession


def nodes_of(parts: Iterable[NodeSample]) -> list[dict[str, Any]]:
    """A row for each node, by name; a restarted node is one row, two nodes that run under one name at once are two."""
    by_name: defaultdict[str, list[NodeSample]] = defaultdict(list)
    for part in parts:
        by_name[part.node].append(part)
    apart = [one for name, found in sorted(by_name.items()) for one in _apart(name, found)]
    return [_node(name, found) for name, found in apart]


def alerts_and_clients(moment: datetime, view: PastView) -> dict[str, Any]:
    """The alerts that fired at the moment, and the page of the clients that were connected.

    It is not `complete` if the journal cannot be read, or if too much of it waits to be stored for all of it to be
    searched.
    """
    waiting = unstored()
    connected = connected_at(moment, view, waiting)
    fired = firing_at(moment, waiting)
    return {
        "alerts": fired.alerts,
        "alerts_total": fired.total,
        "clients_total": connected.total,
        "clients_matched": connected.matched,
        "clients": [_client(row, moment) for row in connected.rows],
        "complete": waiting.complete,
    }


def _apart(name: str, parts: list[NodeSample]) -> list[tuple[str, list[NodeSample]]]:
    """The parts of one name, by node if several had it at the same time."""
    in_order = sorted(parts, key=lambda part: part.sample.start)
    if not any(one.boot != later.boot and later.sample.start < one.sample.until for one, later in pairwise(in_order)):
        return [(name, parts)]
    names = distinct_names((part.boot, name) for part in parts)
    return sorted((named, [part for part in parts if part.boot == boot]) for boot, named in names.items())


def _node(name: str, parts: list[NodeSample]) -> dict[str, Any]:
    sample = fold(parts)
    return {
        "node": name,
        "host": parts[0].host,
        "active_connections": rounded(sample.connections.average, 1),
        "messages_per_second": rounded(sample.messages / sample.seconds if sample.seconds else None, 1),
        "cpu_percent": rounded(sample.cpu_percent.average, 1),
    }


def _client(row: ClientSession, moment: datetime) -> dict[str, Any]:
    """Totals cover the whole session, and are unknown while it is open."""
    return {
        "client_id": row.client_id,
        "user": row.user,
        "room": row.room,
        "browser": browser_of(row.user_agent).shown,
        "node": row.node,
        "connected_at": row.connected_at.timestamp(),
        "disconnected_at": row.disconnected_at.timestamp() if row.disconnected_at else None,
        "connection_duration": round((moment - row.connected_at).total_seconds(), 1),
        "message_count": row.messages,
        "bytes_sent": row.bytes_sent,
        "bytes_received": row.bytes_received,
        "average_latency_ms": rounded(row.latency_average_ms, 2),
        "p95_latency_ms": rounded(row.latency_p95_ms, 1),
        "fps": rounded(row.fps_average, 1),
        "close_code": row.close_code,
        "ended": row.ended,
        "verdict": None,  # what was judged is kept in counts, not by client
    }
