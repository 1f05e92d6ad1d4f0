"""What the live page fetches to show the past: ranges of time as columns, and who was connected at a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from dashboard import past_columns
from dashboard.gates import BadRequestError, viewer_data
from dashboard.past_moment import alerts_and_clients, nodes_of
from monitoring import conf
from monitoring.access import signed_in
from monitoring.columns import timestamp
from monitoring.core.inputs import echo, number, whole_number
from monitoring.history import seconds
from monitoring.history.clients_at import PastView
from monitoring.history.resolution import SECOND
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.history.series import series_of
from monitoring.models import Minute
from monitoring.shown_addresses import address_mask

MINUTE = 60
LONGEST_IN_SECONDS = 3_600
LONGEST = 86_400
METRICS = sorted({metric for metric, _ in past_columns.SERIES.values()})

Span = tuple[int, int]


@viewer_data
def past(request: HttpRequest) -> dict[str, Any]:
    """The columns of `from` to `to`: seconds if the journal holds all of them and the range is an hour at most."""
    start, end = range_in(request.GET)
    held = _held(end)
    answer = {"holds": {"from": held[0], "to": held[1]} if held else None}
    first = math.ceil(start)
    if held and held[0] <= first and end - start <= LONGEST_IN_SECONDS:
        samples = seconds.samples(timestamp(first - past_columns.READ_BEFORE), timestamp(end))
        return answer | {"tier": SECOND, "step": 1, "columns": past_columns.of_samples(samples, first)}
    first -= first % MINUTE
    points = math.ceil((end - first) / MINUTE)
    found = series_of(METRICS, timestamp(first), timestamp(end), points=points)
    any_series = found[METRICS[0]]
    columns = past_columns.of_series(found)
    return answer | {"tier": any_series.tier, "step": any_series.bucket_seconds, "columns": columns}


@viewer_data
def moment(request: HttpRequest) -> dict[str, Any]:
    """Nodes, alerts and a page of the clients at a moment."""
    at = moment_in(request.GET, "at")
    view = _view(request)
    second, held = math.floor(at), _held(at)
    if held and held[0] <= second:
        found = seconds.by_node(timestamp(second), timestamp(second + 1))
        parts = found[0].parts if found else []
    else:
        parts = [row.to_part() for row in Minute.objects.at([Minute.start_of(at)]).of_each_node()]
    return {"at": at, "nodes": nodes_of(parts), **alerts_and_clients(timestamp(at), view)}


def _held(end: float) -> Span | None:
    """The range in which the journal has every second, UTC epoch seconds.

    If the journal cannot be read, returns nothing for a range that is too old to be in it; otherwise raises
    SecondsUnavailableError.
    """
    try:
        span = seconds.span()
    except SecondsUnavailableError:
        if end > (timezone.now() - conf.current().keep_seconds).timestamp():
            raise
        return None
    if span is None:
        return None
    since, until = math.ceil(span[0].timestamp()), math.floor(span[1].timestamp())
    return (since, until) if since <= until else None


def range_in(query: Mapping[str, str]) -> tuple[float, float]:
    """The moments in `from` and `to`, UTC epoch seconds. Raises BadRequestError also for an empty or too long range."""
    start, end = moment_in(query, "from"), moment_in(query, "to")
    if not start < end <= start + LONGEST:
        allowed = f"after from={echo(query['from'])}, by at most {LONGEST} s"
        raise BadRequestError(f"to={echo(query['to'])}: must be {allowed}")
    return start, end


def moment_in(query: Mapping[str, str], name: str) -> float:
    """The moment in a parameter, UTC epoch seconds. Raises BadRequestError for one that is missing or in the future."""
    text = query.get(name, "")
    try:
        # Browsers' clocks may be ahead.
        return number(text, 0, timezone.now().timestamp() + LONGEST)
    except ValueError:
        raise BadRequestError(f"{name}={echo(text)}: must be UTC epoch seconds up to now") from None


def _view(request: HttpRequest) -> PastView:
    query = request.GET
    given: dict[str, Any] = {name: query[name] for name in ("sort", "search") if query.get(name)}
    given |= {name: _whole(query, name) for name in ("offset", "limit") if query.get(name)}
    if "search" in given and address_mask(signed_in(request)) is not str:
        given["masked"] = True
    try:
        return PastView(**given)
    except ValueError as error:
        raise BadRequestError(str(error)) from None


def _whole(query: Mapping[str, str], name: str) -> int:
    try:
        return whole_number(query[name])
    except ValueError:
        raise BadRequestError(f"{name}={echo(query[name])}: must be a whole number") from None
