"""Turns what a person asks for into records."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from monitoring.core.address_masks import Mask
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.export.aggregates import Aggregates
from monitoring.export.event_records import EventRecords
from monitoring.export.table import Records, RefusedError
from monitoring.models import Alert, ClientSession, Marker, OwnGauge
from monitoring.models.alert import AlertQuerySet
from monitoring.models.session_queries import ClientSessionQuerySet
from monitoring.models.tiers import TIERS

WIDTH = re.compile(r"([1-9]\d{0,5})([mhd])")
WIDTH_UNITS = {"m": 60, "h": 3_600, "d": 86_400}
SOURCES = ("metrics", "alerts", "sessions", "markers")
RESOLUTION = "minute"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records, and which of their columns; empty values and None select everything.

    `resolution`, `width` (seconds, a multiple of the resolution) and `fleet`, which selects rows of all nodes together
    instead of each node's, are only for metrics. `metrics` chooses the metrics' columns, or alerts by metric.
    """

    of: str = "metrics"
    resolution: str | None = None
    width: int | None = None
    nodes: Collection[str] = ()
    metrics: Collection[str] = ()
    fleet: bool = False

    def records(self, start: datetime, end: datetime) -> Records:
        """The records that begin in the range, and alerts and sessions that were not over when it began.

        Raises RefusedError.
        """
        self._check_combination()
        if self.of == "alerts":
            return self._alerts(start, end)
        if self.of == "sessions":
            return self._sessions(start, end)
        if self.of == "markers":
            return EventRecords(Marker.objects.between(start, end), begins="at")
        return self._aggregates(start, end)

    def _aggregates(self, start: datetime, end: datetime) -> Aggregates:
        tier = TIERS[self.resolution or RESOLUTION]
        rows = tier.objects.of_fleet() if self.fleet else tier.objects.of_each_node()
        if self.nodes:
            rows = rows.of_nodes(self.nodes)
        own = OwnGauge.objects.seen_between(start, end).added()
        return Aggregates(
            rows,
            start,
            end,
            metrics=self.metrics or None,
            width=self.width,
            own=own,
            of_several=len(self.nodes) > 1,
        )

    def _alerts(self, start: datetime, end: datetime) -> EventRecords:
        alerts = Alert.objects.between(start, end)
        if self.metrics:
            _check_names("metric", self.metrics, [*ALERT_METRICS_BY_NAME, *OwnGauge.objects.names()])
            alerts = alerts.of_metrics(self.metrics)
        if self.nodes:
            alerts = reduce(or_, (alerts.of_node(node) for node in self.nodes))
        return of_alerts(alerts)

    def _sessions(self, start: datetime, end: datetime) -> EventRecords:
        sessions = ClientSession.objects.between(start, end)
        return of_sessions(sessions.of_nodes(self.nodes) if self.nodes else sessions)

    def _check_combination(self) -> None:
        given = {"resolution": self.resolution, "bucket": self.width, "fleet": self.fleet}
        for name, value in given.items():
            if value and self.of != "metrics":
                raise RefusedError(f"{name}: works only with --of metrics, not with --of {self.of}")
        if self.metrics and self.of in ("sessions", "markers"):
            raise RefusedError(f"metric: works only with --of metrics or alerts; {self.of} always have all columns")
        if self.nodes and self.of == "markers":
            raise RefusedError("node: works not with --of markers, because a marker is about all nodes")
        if self.fleet and self.nodes:
            raise RefusedError("fleet: cannot be combined with --node, because it covers all nodes")


WHEN_ACKNOWLEDGED = ("acknowledged_peak", "acknowledged_severity")
"""Of use only to whoever decides whether an acknowledgement still holds."""


def of_alerts(alerts: AlertQuerySet) -> EventRecords:
    return EventRecords(alerts, begins="started_at", ends="ended_at", without=WHEN_ACKNOWLEDGED)


def of_sessions(sessions: ClientSessionQuerySet, address_mask: Mask = str) -> EventRecords:
    """Sessions with what the mask leaves of their addresses."""
    return EventRecords(
        sessions,
        begins="connected_at",
        ends="disconnected_at",
        without=("duration_bucket",),  # it repeats the duration, for an index
        changed={"remote": address_mask},
    )


def parse_width(text: str) -> int:
    """A width such as 5m, 2h or 7d in seconds. Raises ValueError that names the text and what is allowed."""
    found = WIDTH.fullmatch(text)
    if not found:
        raise ValueError(f"{text}: must be a length such as 5m, 2h or 7d")
    return int(found[1]) * WIDTH_UNITS[found[2]]


def _check_names(what: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise RefusedError(f"{what} {name}: must be one of {', '.join(known)}")
