"""Reports of nodes to the frames that viewers and avatars get: SPEC.md's JSON, encoded once per tick and view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from monitoring.core import journal_state
from monitoring.core.meter import merged
from monitoring.core.metrics import ClientMetrics, rounded
from monitoring.core.outgoing import Outgoing
from monitoring.core.sample import Gauge
from monitoring.core.sketch import Sketch
from monitoring.core.view import Rows, View, page, row

PRIVATE_METRICS = {"stale_client_seconds"}
"""Alerts about single clients, which other clients must not be told."""

encode = msgspec.json.Encoder().encode


class Report(msgspec.Struct):
    """What one node says of itself at one tick; `interval` seconds later it will again.

    Nodes send it to each other; merged it is the fleet.
    """

    node: str
    host: str
    timestamp: float
    seq: int
    system: dict[str, Any]
    server: dict[str, Any]
    alerts: list[dict[str, Any]]
    latency: Gauge
    latency_sketch: Sketch
    rows: dict[str, Rows] = {}
    interval: float = 1.0


class Frame:
    """One tick's message. `reports` begins with this node's own: `system` is its host, `server` the whole fleet."""

    def __init__(self, reports: Sequence[Report], *, epoch: str, interval: float, stretched: bool = False) -> None:
        self._reports = reports
        own = reports[0]
        server = fleet(reports)
        self.moment: dict[str, Any] = {
            "timestamp": own.timestamp,
            "seq": own.seq,
            "system": {**own.system, "host": own.host},
            "server": server,
        }
        self._head = {"type": "metrics", "epoch": epoch, "interval": interval, "stretched": stretched, **self.moment}
        self._head["clients_total"] = server["active_connections"]

    def as_dict(self, view: View) -> dict[str, Any]:
        """The whole message as one view has it."""
        shown = self._page(view)
        return self._for_viewers | {"clients_matched": shown.matched, "clients": shown.rows}

    def for_view(self, view: View) -> Outgoing:
        """The encoded message for everybody who looks at the same page of clients."""
        shown = self._page(view)
        return _spliced(self._viewers_part, {"clients_matched": shown.matched, "clients": shown.rows})

    def for_client(self, client: ClientMetrics, now: float, node: str, ahead: float = 0.0) -> Outgoing:
        """The public message, in which a subscribed client sees of all clients only itself."""
        return _spliced(self._public_part, {"clients": [row(client, now, node, ahead)]})

    @cached_property
    def _for_viewers(self) -> dict[str, Any]:
        nodes = [
            {"node": report.node, "host": report.host, "system": report.system, "server": report.server}
            for report in self._reports
        ]
        return {**self._head, "nodes": nodes, "alerts": distinct(self._reports)}

    @cached_property
    def _viewers_part(self) -> bytes:
        return encode(self._for_viewers)

    @cached_property
    def _public_part(self) -> bytes:
        alerts = [alert for alert in distinct(self._reports) if alert["metric"] not in PRIVATE_METRICS]
        return encode({**self._head, "alerts": alerts})

    def _page(self, view: View) -> Rows:
        key = view_key(view)
        return page([report.rows[key] for report in self._reports if key in report.rows], view)


@lru_cache(maxsize=1_000)
def view_key(view: View) -> str:
    return encode(view).decode()


def fleet(reports: Sequence[Report]) -> dict[str, Any]:
    """One server's metrics for all nodes: counts are added, latencies merged, the uptime is the longest."""
    servers = [report.server for report in reports]
    if len(servers) == 1:
        return servers[0]
    latency = sum((report.latency for report in reports), start=Gauge())
    sketch = sum((report.latency_sketch for report in reports), start=Sketch())
    drawing = [server["fps"] for server in servers if server["fps"] is not None]
    added = {key: sum(server[key] for server in servers) for key, value in servers[0].items() if isinstance(value, int)}
    return {
        **servers[0],
        **added,
        "uptime_seconds": max(server["uptime_seconds"] for server in servers),
        "messages_per_second": round(sum(server["messages_per_second"] for server in servers), 1),
        "average_latency_ms": round(latency.average or 0.0, 2),
        "p50_latency_ms": rounded(sketch.quantile(0.50), 2),
        "p95_latency_ms": rounded(sketch.quantile(0.95), 2),
        "p99_latency_ms": rounded(sketch.quantile(0.99), 2),
        "fps": round(sum(drawing) / len(drawing), 1) if drawing else None,
        "monitor": merged([server["monitor"] for server in servers if "monitor" in server]),
        "journal": journal_state.merged([server.get("journal") for server in servers]),
    }


def distinct(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """All alerts that fire; one that several nodes of a host report stands once."""
    by_key = {(alert["metric"], alert["subject"]): alert for report in reports for alert in report.alerts}
    return list(by_key.values())


def history(moments: Iterable[Mapping[str, Any]], *, epoch: str, interval: float, restamped: bool = False) -> Outgoing:
    """The first message of a viewer: what the last frames showed, oldest first.

    `restamped` where the clock was set, so that these times stand for those that the viewer has.
    """
    head = {"type": "history", "epoch": epoch, "interval": interval} | ({"restamped": True} if restamped else {})
    return Outgoing(encode({**head, "samples": list(moments)}))


def _spliced(part: bytes, rest: Mapping[str, Any]) -> Outgoing:
    """The object of both, without encoding the first again."""
    return Outgoing(b"".join((part[:-1], b",", encode(rest)[1:])))
