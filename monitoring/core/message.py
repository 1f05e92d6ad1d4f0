"""Turns reports of nodes into the frames of viewers and avatars: SPEC.md's JSON, encoded once per tick and view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from monitoring.core.address_masks import Mask
from monitoring.core.alert_messages import for_avatars, foremost, is_about_clients, key_of, of_several_nodes
from monitoring.core.client_row import row
from monitoring.core.client_second import ClientSecond, newest_second, place_of
from monitoring.core.fleet_server import added_up, fleet, named_apart, shares_of
from monitoring.core.groups import Group, GroupedView
from monitoring.core.groups import merged as merged_groups
from monitoring.core.metrics import ClientMetrics, rounded
from monitoring.core.own_gauges import GaugeReading, of_fleet
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.view import Rows, View, page
from monitoring.core.wire.outgoing import Outgoing

encode = msgspec.json.Encoder().encode

VERSION = 1
"""Version of what viewers receive. New keys do not change it; a page of another version reloads itself."""


class Report(msgspec.Struct):
    """What one node reports about itself at one tick; `interval` seconds later it reports again.

    Nodes send it to each other; merged, the reports are the fleet. `latency` and `drawing` (frame rates) count each
    client once, `latency_sketch` has each client equally often. `clock_skew_seconds` is how far its host's clock is
    ahead of that of Redis, None while unknown. `verdicts` and `states` count its clients by verdict and by state; an
    older node sends none, and states are counted only while somebody looks.
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
    drawing: Gauge = msgspec.field(default_factory=Gauge)
    boot: str = ""
    clock_skew_seconds: float | None = None
    alerts_total: int = 0
    """How many alerts are firing, of which `alerts` holds the most important; 0 from a node that sends them all."""
    gauges: list[GaugeReading] = []
    groups: dict[str, dict[str, Group]] | None = None
    """Its clients by path and by browser; None while nobody looks, or while the first count is under way."""
    looked_at: dict[str, ClientSecond] = {}
    """The clients of this node whose pages are open somewhere, by id."""
    frame_rates: Sketch = msgspec.field(default_factory=Sketch)
    """Each drawing client's frame rate, equally often; empty while nobody looks at a client."""
    verdicts: dict[str, int] = {}
    states: dict[str, int] = {}


class Frame:
    """One tick's message. `reports` begins with this node's own: `system` is its host, `server` the whole fleet.

    `beside` holds the counts of nodes that are gone.
    """

    def __init__(
        self,
        reports: Sequence[Report],
        *,
        epoch: str,
        interval: float,
        stretched: bool = False,
        beside: Mapping[str, Any] | None = None,
        rules_version: str = "",
    ) -> None:
        self._reports = named_apart(reports)
        self._rules_version = rules_version
        own = reports[0]
        server = fleet(reports, beside)
        self.moment: dict[str, Any] = {
            "timestamp": own.timestamp,
            "seq": own.seq,
            "system": {**own.system, "host": own.host},
            "server": server,
        }
        self._head = {"type": "metrics", "epoch": epoch, "interval": interval, "stretched": stretched, **self.moment}
        self._head["clients_total"] = server["active_connections"]

    def as_dict(self, view: View) -> dict[str, Any]:
        """The whole message for one view."""
        return self._for_viewers | self._of_view(view, "", str)

    def for_view(self, view: View, client_id: str = "", mask: Mask = str) -> Outgoing:
        """The encoded message for everybody who watches the same page of clients, looks at the same client, and sees
        what `mask` leaves of its address."""
        return _spliced(self._viewers_part, self._of_view(view, client_id, mask))

    def _of_view(self, view: View, client_id: str, mask: Mask) -> dict[str, Any]:
        shown = self._page(view)
        told: dict[str, Any] = {"clients_matched": shown.matched, "clients": shown.rows}
        if isinstance(view, GroupedView):
            told["groups"] = self._groups
        return {**told, "client": self._looked_at(client_id, mask)} if client_id else told

    def _looked_at(self, client_id: str, mask: Mask) -> ClientSecond | None:
        """The client's second with its place among all clients; None if it is not connected."""
        second = newest_second(self._reports, client_id, mask)
        if second is None:
            return None
        latencies = sum((shares_of(report) for report in self._reports), start=Sketch())
        frame_rates = sum((report.frame_rates for report in self._reports), start=Sketch())
        return {**second, "place": place_of(second, latencies, frame_rates)}

    def for_client(self, client: ClientMetrics, now: float, node: str, ahead: float = 0.0) -> Outgoing:
        """The public message for a subscribed client, which sees only itself."""
        return _spliced(self._public_part, {"clients": [row(client, now, node, ahead)]})

    @property
    def past(self) -> dict[str, Any]:
        """What the history of a viewer keeps of it."""
        values = {gauge["name"]: gauge["value"] for gauge in self._gauges}
        return {**self.moment, "gauges": values} if values else self.moment

    @cached_property
    def _gauges(self) -> list[dict[str, Any]]:
        return [gauge.as_dict() for gauge in of_fleet(report.gauges for report in self._reports)]

    @cached_property
    def _for_viewers(self) -> dict[str, Any]:
        nodes = [
            {
                "node": report.node,
                "boot": report.boot,
                "host": report.host,
                "clock_skew_seconds": rounded(report.clock_skew_seconds, 1),
                "system": report.system,
                "server": report.server,
                "gauges": {gauge.name: gauge.value for gauge in report.gauges},
            }
            for report in self._reports
        ]
        alerts = distinct(self._reports)
        left_out = sum(max(0, report.alerts_total - len(report.alerts)) for report in self._reports)
        told = {
            "alerts": _shown(alerts),
            "alerts_total": len(alerts) + left_out,
            "rules_version": self._rules_version,
            "verdicts": added_up(report.verdicts for report in self._reports),
            "states": added_up(report.states for report in self._reports),
        }
        return {**self._head, "gauges": self._gauges, "nodes": nodes, **told}

    @cached_property
    def _viewers_part(self) -> bytes:
        return encode(self._for_viewers)

    @cached_property
    def _public_part(self) -> bytes:
        # Which other clients are silent is not its business, nor are the project's gauges.
        alerts = [for_avatars(alert) for alert in distinct(self._reports) if not is_about_clients(alert)]
        return encode({**self._head, "alerts": _shown(alerts), "alerts_total": len(alerts)})

    @cached_property
    def _groups(self) -> dict[str, list[dict[str, Any]]] | None:
        return None if self._reports[0].groups is None else merged_groups(report.groups for report in self._reports)

    def _page(self, view: View) -> Rows:
        key = view_key(view)
        return page([report.rows[key] for report in self._reports if key in report.rows], view)


@lru_cache(maxsize=1_000)
def view_key(view: View) -> str:
    return encode(view).decode()


def distinct(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """All firing alerts; an alert that several nodes of a host report appears once."""
    by_key: dict[tuple[str, str], dict[str, Any]] = {}
    for alert in (alert for report in reports for alert in report.alerts):
        key = key_of(alert)
        by_key[key] = of_several_nodes(by_key[key], alert) if key in by_key else alert
    return list(by_key.values())


def _shown(alerts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return foremost(alerts, lambda alert: (alert["severity"], is_about_clients(alert), alert["timestamp"]))


def history(
    moments: Iterable[Mapping[str, Any]],
    *,
    epoch: str,
    interval: float,
    restamped: bool = False,
    client: Sequence[ClientSecond] | None = None,
) -> Outgoing:
    """The first message of a viewer: what the last frames showed, oldest first.

    `restamped` if the clock was set, so that these times replace those that the viewer has. `client` are the seconds of
    the client that it looks at, None if it looks at none.
    """
    head = {"type": "history", "version": VERSION, "epoch": epoch, "interval": interval}
    restamp = {"restamped": True} if restamped else {}
    looked_at = {} if client is None else {"client": client}
    return Outgoing(encode({**head, **restamp, **looked_at, "samples": list(moments)}))


def _spliced(part: bytes, rest: Mapping[str, Any]) -> Outgoing:
    """The object of both, without encoding the first again."""
    return Outgoing(b"".join((part[:-1], b",", encode(rest)[1:])))
