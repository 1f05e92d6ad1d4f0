"""What was measured, in Django's admin: facts, so nobody adds or changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from monitoring.admin_cells import badge, decimal, gauge_row, seconds_only, stamp
from monitoring.admin_filters import MonthFilter, PeriodFilter, StateFilter, WeekFilter
from monitoring.admin_trends import trends
from monitoring.models import Alert, ClientSession, Minute
from monitoring.models.aggregate import COUNTERS, GAUGES

admin.site.site_header = "Avatar monitoring"
admin.site.site_title = "Avatar monitoring"
admin.site.index_title = "Records"

GAUGE_ROWS = [gauge_row(name) for name in GAUGES]


class FactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Read-only; only a superuser may delete."""

    show_full_result_count = False
    list_per_page = 60

    class Media:
        css = {"all": ("monitoring/admin.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = (
        "severity_badge",
        "state_badge",
        "message",
        "subject",
        "shown_start",
        "shown_duration",
        "shown_value",
        "shown_threshold",
        "metric",
        "host",
        "node",
        "client_id",
        "shown_end",
    )
    list_display_links = ("message",)
    list_filter = (StateFilter, "severity", "metric", MonthFilter)
    search_fields = ("subject", "message", "host", "node")
    date_hierarchy = "started_at"
    ordering = ("-started_at", "-id")
    exclude = ("reporters",)

    @admin.display(description="severity", ordering="severity")
    def severity_badge(self, alert: Alert) -> SafeString:
        return badge(alert.severity)

    @admin.display(description="state", ordering="ended_at")
    def state_badge(self, alert: Alert) -> SafeString:
        return badge(alert.state)

    @admin.display(description="started", ordering="started_at")
    def shown_start(self, alert: Alert) -> str:
        return stamp(alert.started_at)

    @admin.display(description="ended", ordering="ended_at", empty_value="–")
    def shown_end(self, alert: Alert) -> str | None:
        return stamp(alert.ended_at) if alert.ended_at else None

    @admin.display(description="value", ordering="value")
    def shown_value(self, alert: Alert) -> str:
        return f"{alert.value:.1f}"

    @admin.display(description="threshold", ordering="threshold")
    def shown_threshold(self, alert: Alert) -> str:
        return f"{alert.threshold:g}"

    @admin.display(description="duration")
    def shown_duration(self, alert: Alert) -> str:
        return seconds_only(alert.duration)


@admin.register(ClientSession)
class ClientSessionAdmin(FactAdmin):
    list_display = (
        "client_id",
        "state_badge",
        "node",
        "path",
        "shown_start",
        "shown_end",
        "shown_duration",
        "messages",
        "shown_latency",
        "close_code",
        "ended",
    )
    list_filter = (WeekFilter, "ended")
    search_fields = ("client_id", "node", "remote", "path")
    date_hierarchy = "connected_at"
    ordering = ("-connected_at", "-id")

    @admin.display(description="state", ordering="disconnected_at")
    def state_badge(self, session: ClientSession) -> SafeString:
        return badge("open" if session.is_open else "closed")

    @admin.display(description="connected", ordering="connected_at")
    def shown_start(self, session: ClientSession) -> str:
        return stamp(session.connected_at)

    @admin.display(description="disconnected", ordering="disconnected_at", empty_value="–")
    def shown_end(self, session: ClientSession) -> str | None:
        return stamp(session.disconnected_at) if session.disconnected_at else None

    @admin.display(description="duration")
    def shown_duration(self, session: ClientSession) -> str:
        return seconds_only(session.duration)

    @admin.display(description="latency p95, ms", ordering="latency_p95_ms", empty_value="–")
    def shown_latency(self, session: ClientSession) -> str | None:
        return decimal(session.latency_p95_ms)


@admin.register(Minute)
class MinuteAdmin(FactAdmin):
    list_display = (
        "shown_minute",
        "node",
        "shown_coverage",
        "average_clients",
        "most_clients",
        "messages",
        "average_cpu",
        "highest_cpu",
        "p95_latency",
    )
    list_filter = (PeriodFilter,)
    search_fields = ("node", "host")
    date_hierarchy = "minute"
    ordering = ("-minute", "node")
    empty_value_display = "–"

    @admin.display(description="minute", ordering="minute")
    def shown_minute(self, minute: Minute) -> str:
        return stamp(minute.minute)[:-3]

    @admin.display(description="seconds measured", ordering="coverage")
    def shown_coverage(self, minute: Minute) -> str:
        return f"{minute.coverage:g}"

    @admin.display(description="clients, average")
    def average_clients(self, minute: Minute) -> str | None:
        return decimal(minute.average("connections"))

    @admin.display(description="clients, most", ordering="connections_max")
    def most_clients(self, minute: Minute) -> str | None:
        return decimal(minute.highest("connections"), digits=0)

    @admin.display(description="CPU %, average")
    def average_cpu(self, minute: Minute) -> str | None:
        return decimal(minute.average("cpu_percent"))

    @admin.display(description="CPU %, highest", ordering="cpu_percent_max")
    def highest_cpu(self, minute: Minute) -> str | None:
        return decimal(minute.highest("cpu_percent"))

    @admin.display(description="latency p95, ms")
    def p95_latency(self, minute: Minute) -> str | None:
        return decimal(minute.sketch("latency_sketch").quantile(0.95))

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        return [
            (None, {"fields": ["node", "boot", "host", "minute", "coverage"]}),
            ("Counted", {"fields": COUNTERS}),
            ("Measured: average (lowest to highest)", {"fields": [*GAUGE_ROWS, "p95_latency"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        return ["node", "boot", "host", "minute", "coverage", *COUNTERS, *GAUGE_ROWS, "p95_latency"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["trends"] = trends(response.context_data["cl"].filter_specs)
        return response  # type: ignore[return-value]
