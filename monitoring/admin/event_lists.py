"""Alerts and markers in Django's admin; people add markers, the others are facts that nobody changes."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from monitoring.admin.answer_actions import AnswersAlerts
from monitoring.admin.cells import badge, seconds_only, stamp
from monitoring.admin.csv_export import CsvExport
from monitoring.admin.current_alerts import CurrentAlerts
from monitoring.admin.filters import MonthFilter, StateFilter
from monitoring.admin.lists import CheckedQueries, FactAdmin
from monitoring.admin.notice_log import NoticesOfAlert
from monitoring.admin.session_lists import ClientSessionAdmin, DisconnectionAdmin
from monitoring.admin.tier_lists import DayAdmin, HourAdmin, MinuteAdmin
from monitoring.core.amounts import exact
from monitoring.models import Alert, Marker
from monitoring.row_words import word
from monitoring.unit_texts import with_unit

__all__ = [
    "AlertAdmin",
    "ClientSessionAdmin",
    "DayAdmin",
    "DisconnectionAdmin",
    "HourAdmin",
    "MarkerAdmin",
    "MinuteAdmin",
]


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

    @admin.display(description=_("severity"), ordering="severity")
    def severity_badge(self, alert: Alert) -> SafeString:
        return badge(alert.severity)

    @admin.display(description=_("state"), ordering="ended_at")
    def state_badge(self, alert: Alert) -> SafeString:
        return badge(alert.state)

    @admin.display(description=_("started"), ordering="started_at")
    def shown_start(self, alert: Alert) -> str:
        return stamp(alert.started_at)

    @admin.display(description=_("ended"), ordering="ended_at")
    def shown_end(self, alert: Alert) -> str | None:
        return stamp(alert.ended_at) if alert.ended_at else None

    @admin.display(description=_("why it ended"), ordering="ended")
    def shown_reason(self, alert: Alert) -> str:
        return word(alert.ended)

    @admin.display(description=_("value"), ordering="value")
    def shown_value(self, alert: Alert) -> str:
        return with_unit(f"{alert.value:.1f}", alert.unit)

    @admin.display(description=_("peak"), ordering="peak")
    def shown_peak(self, alert: Alert) -> str:
        return with_unit(f"{alert.peak:.1f}", alert.unit)

    @admin.display(description=_("threshold"), ordering="threshold")
    def shown_threshold(self, alert: Alert) -> str:
        return with_unit(exact(alert.threshold), alert.limit_unit)

    @admin.display(description=_("duration"))
    def shown_duration(self, alert: Alert) -> str:
        return seconds_only(alert.duration)


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

    @admin.display(description=_("at"), ordering="at")
    def shown_at(self, marker: Marker) -> str:
        return stamp(marker.at)
