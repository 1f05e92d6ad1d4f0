"""All nodes as one server, and apart by name: what a frame shows of the fleet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from monitoring.core import journal_state
from monitoring.core.identity import distinct_names
from monitoring.core.meter import merged
from monitoring.core.metrics import rounded
from monitoring.core.stats.latest_values import SHARES
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import PERCENTILES, Sketch

if TYPE_CHECKING:
    from monitoring.core.message import Report


def fleet(reports: Sequence[Report], beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One server's metrics for all nodes: counts are added, latencies and frame rates weigh every client the same, the
    uptime is the longest.

    Totals include those of nodes that are gone, from `beside`.
    """
    servers = [report.server for report in reports]
    if len(servers) == 1 and not beside:
        return dict(servers[0])
    counted = [*servers, beside or {}]
    added: dict[str, Any] = {
        name: sum(server.get(name, 0) for server in counted)
        for name, value in servers[0].items()
        if isinstance(value, int)
    }
    added["refused"] = added_up(server.get("refused", {}) for server in counted)
    if len(servers) == 1:
        return servers[0] | added
    latency = sum((report.latency for report in reports), start=Gauge())
    sketch = sum((shares_of(report) for report in reports), start=Sketch())
    p50, p95, p99 = sketch.quantiles(*PERCENTILES.values())
    drawing = sum((report.drawing for report in reports), start=Gauge()).average
    return {
        **servers[0],
        **added,
        "uptime_seconds": max(server["uptime_seconds"] for server in servers),
        "messages_per_second": round(sum(server["messages_per_second"] for server in servers), 1),
        "average_latency_ms": round(latency.average or 0.0, 2),
        "p50_latency_ms": rounded(p50, 2),
        "p95_latency_ms": rounded(p95, 2),
        "p99_latency_ms": rounded(p99, 2),
        "fps": rounded(drawing, 1),
        "monitor": merged([server["monitor"] for server in servers if "monitor" in server]),
        "journal": journal_state.merged([server.get("journal") for server in servers]),
    }


def added_up(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by cause, over all nodes."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


def shares_of(report: Report) -> Sketch:
    """Each client equally often; a node of an older release counts each reading once."""
    sketch = report.latency_sketch
    if sketch.count > report.latency.count:
        return sketch
    return Sketch({index: count * SHARES for index, count in sketch.bins.items()})


def named_apart(reports: Sequence[Report]) -> Sequence[Report]:
    """The reports with distinct names for nodes that share a label, also where rows and alerts name them."""
    if len({report.node for report in reports}) == len(reports):
        return reports
    names = distinct_names((report.boot, report.node) for report in reports)
    return [report if names[report.boot] == report.node else _renamed(report, names[report.boot]) for report in reports]


def _renamed(report: Report, name: str) -> Report:
    alerts = [
        {**alert, "node": name, "subject": name if alert["subject"] == report.node else alert["subject"]}
        for alert in report.alerts
    ]
    rows = {
        view: msgspec.structs.replace(shown, rows=[{**row, "node": name} for row in shown.rows])
        for view, shown in report.rows.items()
    }
    looked_at = {client_id: {**second, "node": name} for client_id, second in report.looked_at.items()}
    return msgspec.structs.replace(report, node=name, alerts=alerts, rows=rows, looked_at=looked_at)
