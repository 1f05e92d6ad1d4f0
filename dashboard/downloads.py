"""Downloads of what a page shows: the same query string, the same rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone

from dashboard import periods
from dashboard.gates import bad_request, history_page
from dashboard.page_parameters import unknown_in
from dashboard.periods import UnknownPeriodError
from dashboard.trend_charts import Trend, charts_of, metrics_of, moved, trend_of
from monitoring.access import signed_in
from monitoring.core.inputs import echo
from monitoring.export.response import download
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.export.series_table import SeriesTable
from monitoring.history.alert_search import AlertSearch
from monitoring.history.session_search import SessionSearch
from monitoring.shown_addresses import address_mask

FORMATS = ("csv", "json")
COMPACT = "%Y%m%dT%H%M%SZ"

View = Callable[[HttpRequest], HttpResponseBase]


def download_of(page: str) -> Callable[[View], Any]:
    """A download from a page, for the same people; if it cannot be given, a 400 with a link back to the page."""

    def decorate(view: View) -> Any:
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            try:
                return view(request)
            except UnknownPeriodError as error:
                return bad_request(request, str(error), reverse(page))

        return history_page(answer)

    return decorate


@download_of("avatar_monitoring:trends")
def trends(request: HttpRequest) -> HttpResponseBase:
    """The buckets of all charts, or only those of `metric`, which may be repeated."""
    for problem in unknown_in(request.GET, "trends-export"):
        raise UnknownPeriodError(problem)
    period = periods.parse(request.GET, timezone.now())
    metrics = metrics_of(charts_of(period))
    chosen = _chosen("metric", request.GET, metrics)
    trend = trend_of(period, chosen or metrics)
    span = (moment.strftime(COMPACT) for moment in (period.start, period.end))
    return download(request, _table(trend), _format(request.GET), "trends", *chosen, period.node, *span)


@download_of("avatar_monitoring:alerts")
def alerts(request: HttpRequest) -> HttpResponseBase:
    """All episodes that match the page's filter."""
    now = timezone.now()
    search = AlertSearch.of(request.GET, now)
    for problem in search.problems:
        raise UnknownPeriodError(problem)
    chosen = (value for _, values in search.chosen for value in values)
    words = ("alerts", *chosen, search.range_name, now.strftime(COMPACT))
    return download(request, of_alerts(search.episodes()), _format(request.GET), *words)


@download_of("avatar_monitoring:sessions")
def sessions(request: HttpRequest) -> HttpResponseBase:
    """All sessions that match the page's filter."""
    now = timezone.now()
    search = SessionSearch.of(request.GET, now)
    for problem in search.problems:
        raise UnknownPeriodError(problem)
    chosen = (value for _, values in search.chosen for value in values)
    words = ("sessions", *chosen, "open" if search.only_open else "", search.range_name, now.strftime(COMPACT))
    records = of_sessions(search.sessions(), address_mask(signed_in(request)))
    return download(request, records, _format(request.GET), *words)


def _table(trend: Trend) -> SeriesTable:
    earlier = {name: moved(one, trend.series[name].times, trend.shift) for name, one in trend.earlier.items()}
    return SeriesTable(trend.series, earlier)


def _format(query: QueryDict) -> str:
    return (_chosen("format", query, FORMATS) or FORMATS)[0]


def _chosen(name: str, query: QueryDict, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a field that may be repeated, each once, in their usual order."""
    values = query.getlist(name)
    for value in values:
        if value not in allowed:
            raise UnknownPeriodError(f"{name}={echo(value)}: must be one of {', '.join(allowed)}")
    return tuple(value for value in allowed if value in values)
