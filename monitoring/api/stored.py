"""Stored data for the API: series, and alerts and sessions one page at a time, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from monitoring.alerting import silences
from monitoring.api.bodies import AlertsWanted
from monitoring.api.parameters import (
    AlertsParams,
    BreakdownParams,
    MarkersParams,
    PageParams,
    Range,
    SeriesParams,
    SessionsParams,
    SilencesParams,
    bad_parameter,
)
from monitoring.columns import timestamp
from monitoring.history import alerts_now
from monitoring.history import series as history
from monitoring.history.breakdown_series import By, breakdown_series
from monitoring.history.open_totals import add_totals
from monitoring.journal.unstored import unstored
from monitoring.models import Alert, ClientSession, Marker, Silence
from monitoring.models.alert import AlertQuerySet

SERIES_LENGTH = timedelta(hours=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

NARROWING: dict[str, Callable[[AlertQuerySet, str], AlertQuerySet]] = {
    "state": AlertQuerySet.in_state,
    "metric": lambda alerts, metric: alerts.of_metrics([metric]),
    "severity": AlertQuerySet.of_severity,
    "rule": AlertQuerySet.of_rule,
    "subject": lambda alerts, subject: alerts.about_any([subject]),
    "client": AlertQuerySet.of_client,
    "node": AlertQuerySet.of_node,
}
"""How each filter narrows the alerts."""


class TimeRange(NamedTuple):
    start: datetime
    end: datetime


def stretch(asked: Range | AlertsWanted, length: timedelta | None = None) -> TimeRange:
    """The requested range; without a beginning it has this length, or goes back to the first record.

    Raises Refused if it ends before it starts.
    """
    end = asked.end or timezone.now()
    start = asked.start or (BEGINNING if length is None else end - length)
    if start < end:
        return TimeRange(start, end)
    if asked.start is None:
        raise bad_parameter("to", end.isoformat(), f"a time after {start.isoformat()}")
    raise bad_parameter("from", start.isoformat(), f"a time before {end.isoformat()}")


def series(asked: SeriesParams) -> dict[str, Any]:
    """One metric of the fleet, or of the named nodes; by default over the last hour."""
    start, end = stretch(asked, SERIES_LENGTH)
    found = history.series(asked.metric, start, end, nodes=asked.node or None, points=asked.points)
    nothing: Sequence[None] = [None] * len(found.times)
    columns = {
        "start": found.times,
        "average": found.average,
        "minimum": found.minimum,
        "maximum": found.maximum,
        "p50": found.p50 or nothing,
        "p95": found.p95 or nothing,
        "p99": found.p99 or nothing,
        "count": found.count,
        "coverage": found.coverage,
        "bounded": found.bounded,
    }
    return {
        "metric": found.metric,
        "label": found.label,
        "unit": found.unit,
        "tier": found.tier,
        "start": timestamp(found.start),
        "end": timestamp(found.end),
        "nodes": asked.node,
        "bucket_seconds": found.bucket_seconds,
        "buckets": [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)],
    }


def breakdown(asked: BreakdownParams) -> dict[str, Any]:
    """Counts by label of the fleet, or of the named nodes; by default over the last hour."""
    start, end = stretch(asked, SERIES_LENGTH)
    by = By(asked.by)
    found = breakdown_series(
        asked.kind, start, end, by=by, path=asked.path, nodes=asked.node or None, points=asked.points
    )
    return {
        "kind": found.kind,
        "tier": found.tier,
        "start": timestamp(found.start),
        "end": timestamp(found.end),
        "nodes": asked.node,
        "bucket_seconds": found.bucket_seconds,
        "times": [timestamp(time) for time in found.times],
        "coverage": found.coverage,
        "totals": found.totals,
        "counts": found.counts,
    }


class AlertPage(NamedTuple):
    """A page of episodes, and whether there are older ones; on the first page what is not stored yet, and how many fire
    in total."""

    rows: list[Alert]
    more: bool
    place: tuple[datetime, int] | None
    not_stored: list[Alert]
    firing: int | None


def alerts(asked: AlertsParams, within: TimeRange) -> AlertPage:
    """A page of the episodes with any part in the range, as they are now."""
    waiting = unstored()
    rows, more = page(filtered(asked, within), asked)
    place = rows[-1].place if rows else None
    alerts_now.refresh(rows, waiting)
    rows = [row for row in rows if not asked.state or row.state == asked.state]
    if asked.after:
        return AlertPage(marked(rows), more, place, [], None)
    firing = alerts_now.firing_now(waiting)
    begun = marked([row for row in firing if row.pk is None])
    wanted = [row for row in begun if _is_asked_for(row, asked, within)]
    return AlertPage(marked(rows), more, place, wanted, len(firing))


def _is_asked_for(row: Alert, asked: AlertsParams, within: TimeRange) -> bool:
    return (
        row.started_at < within.end
        and asked.state in (None, row.state)
        and asked.metric in (None, row.metric)
        and asked.severity in (None, row.severity)
        and asked.rule in (None, row.rule or row.metric)
        and asked.subject in (None, row.subject)
        and asked.client in (None, row.client_id)
        and asked.node in (None, row.node)
        and not asked.acknowledged
        and asked.silenced in (None, getattr(row, "is_silenced", False))
    )


def filtered(asked: AlertsParams | AlertsWanted, within: TimeRange) -> AlertQuerySet:
    """The alerts with any part in the range that meet all that was asked for, newest first."""
    found = Alert.objects.between(*within).latest_first()
    for name, narrow in NARROWING.items():
        if value := getattr(asked, name):
            found = narrow(found, value)
    if asked.acknowledged is not None:
        found = found.acknowledged() if asked.acknowledged else found.unacknowledged()
    if asked.silenced is not None:
        hidden = silences.hidden(timezone.now()).values("pk")
        found = found.filter(pk__in=hidden) if asked.silenced else found.exclude(pk__in=hidden)
    return found


def marked(rows: list[Alert]) -> list[Alert]:
    """The rows, each with whether a silence hides it."""
    firing = [row for row in rows if row.ended_at is None]
    in_force = silences.in_force(timezone.now()) if firing else []
    for row in firing:
        row.is_silenced = silences.is_silenced(row, in_force)  # type: ignore[attr-defined]  # for the answer
    return rows


def sessions(asked: SessionsParams, within: TimeRange) -> tuple[list[ClientSession], bool]:
    """A page of the sessions with any part in the range, and whether there are older ones."""
    found = ClientSession.objects.between(*within).latest_first()
    if asked.client_id:
        found = found.of_client(asked.client_id)
    if asked.user:
        found = found.of_user(asked.user)
    if asked.room:
        found = found.of_room(asked.room)
    if asked.cause:
        found = found.of_cause(asked.cause)
    if asked.open is not None:
        found = found.open() if asked.open else found.closed()
    rows, more = page(found, asked)
    add_totals(rows)
    return rows, more


def markers(asked: MarkersParams, within: TimeRange) -> tuple[list[Marker], bool]:
    """A page of the markers in the range, and whether there are older ones."""
    found = Marker.objects.between(*within).latest_first()
    return page(found.of_kind(asked.kind) if asked.kind else found, asked)


def silence_rows(asked: SilencesParams) -> tuple[list[Silence], bool]:
    """A page of the silences, newest first, and whether there are older ones."""
    found = Silence.objects.latest_first()
    return page(found.not_over(timezone.now()) if asked.state == "open" else found, asked)


def page(found: Any, asked: PageParams | SilencesParams) -> tuple[list[Any], bool]:
    """One extra row tells whether another page follows; counting all rows would read them all."""
    rows = list((found.older_than(*asked.after) if asked.after else found)[: asked.limit + 1])
    return rows[: asked.limit], len(rows) > asked.limit
