"""Minutes, hours and days of the nodes: one list for all, with small charts of the period that it shows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from monitoring.admin_cells import decimal, gauge_row, stamp
from monitoring.admin_export import CsvExport
from monitoring.admin_facts import FactAdmin
from monitoring.admin_filters import PeriodFilter, WeekFilter, YearFilter
from monitoring.admin_trends import trends
from monitoring.core.sketch_bytes import quantiles_of
from monitoring.models import Day, Hour, Minute
from monitoring.models.aggregate import COUNTERS, GAUGES, Aggregate
from monitoring.retention import kept

GAUGE_ROWS = [gauge_row(name) for name in GAUGES]


class TierAdmin(CsvExport, FactAdmin):
    """The nodes' rows of one tier. The fleet's rows are their sum, and are shown as charts."""

    list_display = (
        "shown_time",
        "node",
        "shown_coverage",
        "average_clients",
        "most_clients",
        "messages",
        "average_cpu",
        "highest_cpu",
        "p95_latency",
    )
    search_fields = ("node", "host")
    empty_value_display = "–"
    change_list_template = "admin/monitoring/tier_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).of_each_node()  # type: ignore[attr-defined]

    @admin.display(description="start", ordering="epoch")
    def shown_time(self, row: Aggregate) -> str:
        return stamp(getattr(row, row.TIME_FIELD))[:-3]

    @admin.display(description="seconds measured", ordering="coverage")
    def shown_coverage(self, row: Aggregate) -> str:
        return f"{row.coverage:g}"

    @admin.display(description="clients, average")
    def average_clients(self, row: Aggregate) -> str | None:
        return decimal(row.average("connections"))

    @admin.display(description="clients, highest", ordering="connections_max")
    def most_clients(self, row: Aggregate) -> str | None:
        return decimal(row.highest("connections"), digits=0)

    @admin.display(description="CPU %, average")
    def average_cpu(self, row: Aggregate) -> str | None:
        return decimal(row.average("cpu_percent"))

    @admin.display(description="CPU %, highest", ordering="cpu_percent_max")
    def highest_cpu(self, row: Aggregate) -> str | None:
        return decimal(row.highest("cpu_percent"))

    @admin.display(description="latency p95, ms")
    def p95_latency(self, row: Any) -> str | None:
        return decimal(quantiles_of(bytes(row.latency_sketch), 0.95)[0])

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        return [
            (None, {"fields": ["node", "boot", "host", self.model.TIME_FIELD, "coverage"]}),
            ("Counted", {"fields": COUNTERS}),
            ("Measured: average (lowest to highest)", {"fields": [*GAUGE_ROWS, "p95_latency"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        return ["node", "boot", "host", self.model.TIME_FIELD, "coverage", *COUNTERS, *GAUGE_ROWS, "p95_latency"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response = super().changelist_view(request, {**(extra_context or {}), "kept": kept()})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data["trends"] = trends(response.context_data["cl"].filter_specs)
        return response  # type: ignore[return-value]


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
