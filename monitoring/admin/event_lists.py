"""Alerts, sessions and markers in Django's admin; people add markers, the others are facts that nobody changes."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from monitoring.admin.answer_actions import AnswersAlerts
from monitoring.admin.cells import badge, decimal, only, percentiles, seconds_only, stamp
from monitoring.admin.csv_export import CsvExport
from monitoring.admin.current_alerts import CurrentAlerts
from monitoring.admin.filters import MonthFilter, StateFilter, UserFilter, WeekFilter
from monitoring.admin.lists import CheckedQueries, FactAdmin
from monitoring.admin.notice_log import NoticesOfAlert
from monitoring.admin.tier_lists import DayAdmin, HourAdmin, MinuteAdmin
from monitoring.core.amounts import exact, with_unit
from monitoring.models import Alert, ClientSession, Marker

__all__ = ["AlertAdmin", "ClientSessionAdmin", "DayAdmin", "HourAdmin", "MarkerAdmin", "MinuteAdmin"]


@admin.register(Alert)
class AlertAdmin(AnswersAlerts, CurrentAlerts, CsvExport, FactAdmin):
    list_display = (
        "severity_badge",
        "state_badge",
        "message",
        "subject",
        "shown_start",
        "shown_duration",
        "shown_value",
        "shown_last",
        "shown_peak",
        "shown_threshold",
        "acknowledged_by",
        "metric",
        "host",
        "node",
        "client_id",
        "shown_end",
        "shown_reason",
    )
    list_display_links = ("message",)
    list_filter = (StateFilter, "severity", "metric", MonthFilter)
    search_fields = ("subject", "message", "host", "node")
    date_hierarchy = "started_at"
    ordering = ("-started_at", "-id")
    exclude = ("reports",)
    readonly_fields = ("shown_duration",)
    inlines = (NoticesOfAlert,)

    @admin.display(description="severity", ordering="severity")
    def severity_badge(self, alert: Alert) -> SafeString:
        return badge(alert.severity)

    @admin.display(description="state", ordering="ended_at")
    def state_badge(self, alert: Alert) -> SafeString:
        return badge(alert.state)

    @admin.display(description="started", ordering="started_at")
    def shown_start(self, alert: Alert) -> str:
        return stamp(alert.started_at)

    @admin.display(description="ended", ordering="ended_at")
    def shown_end(self, alert: Alert) -> str | None:
        return stamp(alert.ended_at) if alert.ended_at else None

    @admin.display(description="why it ended", ordering="ended")
    def shown_reason(self, alert: Alert) -> str:
        return alert.ended

    @admin.display(description="value", ordering="value")
    def shown_value(self, alert: Alert) -> str:
        return with_unit(f"{alert.value:.1f}", alert.unit)

    @admin.display(description="peak", ordering="peak")
    def shown_peak(self, alert: Alert) -> str:
        return with_unit(f"{alert.peak:.1f}", alert.unit)

    @admin.display(description="threshold", ordering="threshold")
    def shown_threshold(self, alert: Alert) -> str:
        return with_unit(exact(alert.threshold), alert.limit_unit)

    @admin.display(description="duration")
    def shown_duration(self, alert: Alert) -> str:
        return seconds_only(alert.duration)


@admin.register(ClientSession)
class ClientSessionAdmin(CsvExport, FactAdmin):
    list_display = (
        "client_id",
        "state_badge",
        "shown_user",
        "shown_room",
        "node",
        "path",
        "shown_start",
        "shown_end",
        "shown_duration",
        "messages",
        "shown_latency",
        "shown_fps",
        "close_code",
        "ended",
    )
    list_filter = (WeekFilter, UserFilter, "ended")
    search_fields = ("client_id", "user", "room", "node", "remote", "path")
    date_hierarchy = "connected_at"
    ordering = ("-connected_at", "-id")
    exclude = ("latency_sketch", "frame_time_sketch")
    readonly_fields = ("latency_percentiles", "frame_time_percentiles")

    @admin.display(description="state", ordering="disconnected_at")
    def state_badge(self, session: ClientSession) -> SafeString:
        return badge("open" if session.is_open else "closed")

    @admin.display(description="user", ordering="user")
    def shown_user(self, session: ClientSession) -> SafeString | None:
        return only("user", session.user)

    @admin.display(description="room", ordering="room")
    def shown_room(self, session: ClientSession) -> SafeString | None:
        return only("room", session.room)

    @admin.display(description="connected", ordering="connected_at")
    def shown_start(self, session: ClientSession) -> str:
        return stamp(session.connected_at)

    @admin.display(description="disconnected", ordering="disconnected_at")
    def shown_end(self, session: ClientSession) -> str | None:
        return stamp(session.disconnected_at) if session.disconnected_at else None

    @admin.display(description="duration")
    def shown_duration(self, session: ClientSession) -> str:
        return seconds_only(session.duration)

    @admin.display(description="latency p95, ms", ordering="latency_p95_ms")
    def shown_latency(self, session: ClientSession) -> str | None:
        return decimal(session.latency_p95_ms)

    @admin.display(description="FPS", ordering="fps_average")
    def shown_fps(self, session: ClientSession) -> str | None:
        return decimal(session.fps_average)

    @admin.display(description="latency p50, p95, p99, ms")
    def latency_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.latency)

    @admin.display(description="frame time p50, p95, p99, ms")
    def frame_time_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.frame_time)


@admin.register(Marker)
class MarkerAdmin(CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    # People never add a marker for a clock that was set or for another version.
    fields = ("at", "text")
    list_display = ("shown_at", "text", "kind")
    list_display_links = ("text",)
    list_filter = ("kind",)
    search_fields = ("text",)
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    show_full_result_count = False

    @admin.display(description="at", ordering="at")
    def shown_at(self, marker: Marker) -> str:
        return stamp(marker.at)
