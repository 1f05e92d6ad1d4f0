"""Minutes, hours and days of the nodes: one list for all, with small charts of the period that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import (
    UNKNOWN,
    average_and_highest,
    decimal,
    gauge_row,
    moment_row,
    spread,
    stacked,
    stamp,
)
from monitoring.admin.filters import PeriodFilter, WeekFilter, YearFilter
from monitoring.admin.list_exports import ExportsRows
from monitoring.admin.lists import FactAdmin
from monitoring.admin.page_addresses import LinksToPages
from monitoring.admin.style import chart_files
from monitoring.core.stats.sample import COUNTERS, GAUGES
from monitoring.core.stats.sketch_bytes import quantiles_of
from monitoring.history.series import StoredSeries, series
from monitoring.models import Day, Hour, Minute
from monitoring.models.aggregate import Aggregate
from monitoring.models.own_levels import own_levels
from monitoring.storage.prune import kept

GAUGE_ROWS = [gauge_row(name) for name in GAUGES]
TREND_METRICS = ("connections", "messages_per_second", "cpu_percent")
TREND_POINTS = 300


class TierAdmin(LinksToPages, ExportsRows, FactAdmin):
    """The nodes' rows of one tier. The fleet's rows are their sum, and are shown as charts."""

    list_display = (
        "shown_time", "node", "shown_clients", "shown_messages", "shown_cpu", "p95_latency",
    )  # fmt: skip
    search_fields = ("node", "host")
    change_list_template = "admin/avatar_monitoring/tier_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).of_each_node()  # type: ignore[attr-defined]

    @admin.display(description=_("start"), ordering="epoch")
    def shown_time(self, row: Aggregate) -> SafeString | None:
        share = gettext("%(share)s measured") % {"share": decimal(100 * row.coverage / row.SECONDS, 0, "%")}
        return stacked(stamp(getattr(row, row.TIME_FIELD)), None if row.coverage == row.SECONDS else share)

    @admin.display(description=_("clients"), ordering="connections_max")
    def shown_clients(self, row: Aggregate) -> SafeString | None:
        return average_and_highest(row.average("connections"), row.highest("connections"), digits=0)

    @admin.display(description=_("messages"), ordering="messages")
    def shown_messages(self, row: Any) -> str | None:
        return decimal(row.messages, 0)

    @admin.display(description=_("CPU"), ordering="cpu_percent_max")
    def shown_cpu(self, row: Aggregate) -> SafeString | None:
        return average_and_highest(row.average("cpu_percent"), row.highest("cpu_percent"), digits=1, unit="%")

    @admin.display(description=_("latency p95"))
    def p95_latency(self, row: Any) -> str | None:
        return decimal(quantiles_of(bytes(row.latency_sketch), 0.95)[0], 1, "ms")

    def moments_of(self, row: Any) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        start = getattr(row, row.TIME_FIELD)
        return start, start + timedelta(seconds=row.SECONDS), []

    @admin.display(description=_("the project's own gauges"))
    def own_gauges(self, row: Aggregate) -> str:
        levels = own_levels(row.gauges).items()
        shown = (f"{name}: {spread(one.average, one.min, one.max)}" for name, one in levels if one.average is not None)
        return ", ".join(shown) or UNKNOWN

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        return [
            (None, {"fields": ["node", "boot", "host", moment_row(self.model.TIME_FIELD), "coverage"]}),
            (_("Counted"), {"fields": COUNTERS}),
            (
                _("Measured: average (lowest to highest)"),
                {"fields": [*GAUGE_ROWS, "p95_latency", "own_gauges", "shown_links"]},
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        known = ("node", "boot", "host", self.model.TIME_FIELD, "coverage", *COUNTERS)
        return [*known, *GAUGE_ROWS, "p95_latency", "own_gauges", "shown_links"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response = super().changelist_view(request, {**(extra_context or {}), "kept": kept()})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data["trends"] = trends(response.context_data["cl"].filter_specs)
            response.context_data |= chart_files()
        return response


@admin.register(Minute)
class MinuteAdmin(TierAdmin):
    list_filter = (PeriodFilter,)
    date_hierarchy = "minute"
    ordering = ("-minute", "node")


@admin.register(Hour)
class HourAdmin(TierAdmin):
    list_filter = (WeekFilter,)
    date_hierarchy = "hour"
    ordering = ("-hour", "node")


@admin.register(Day)
class DayAdmin(TierAdmin):
    list_filter = (YearFilter,)
    date_hierarchy = "day"
    ordering = ("-day", "node")


def trends(filters: Iterable[object]) -> list[dict[str, Any]]:
    """The small charts of the period that the list shows; none for any time."""
    found = next((spec.range(timezone.now()) for spec in filters if isinstance(spec, PeriodFilter)), None)
    return [_chart(metric, *found) for metric in TREND_METRICS] if found else []


def _chart(metric: str, start: datetime, end: datetime) -> dict[str, Any]:
    line = series(metric, start, end, points=TREND_POINTS)
    return {
        "label": gettext(line.label),
        "summary": _summary(line),
        "times": line.times,
        "average": line.average,
        "minimum": line.minimum,
        "maximum": line.maximum,
    }


def _summary(line: StoredSeries) -> str:
    known = [value for value in line.average if value is not None]
    if not known:
        return gettext("nothing measured")
    highest = max(value for value in line.maximum if value is not None)
    bound = "≤ " if any(line.bounded) else ""
    values = {
        "average": f"{_short(sum(known) / len(known))}{line.unit}",
        "highest": f"{bound}{_short(highest)}{line.unit}",
    }
    return gettext("⌀ %(average)s, max %(highest)s") % values


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
