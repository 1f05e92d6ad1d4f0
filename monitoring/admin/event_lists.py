"""Alerts and markers in Django's admin; people add markers, the others are facts that nobody changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.forms import Media
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin import alert_chart
from monitoring.admin.answer_actions import AnswersAlerts
from monitoring.admin.cells import UNKNOWN, badge, decimal, number_row, stacked, stamp
from monitoring.admin.current_alerts import CurrentAlerts
from monitoring.admin.filters import MetricFilter, SeverityFilter, StateFilter, WeekFilter
from monitoring.admin.large_tables import LargeTable
from monitoring.admin.list_exports import ExportsRows
from monitoring.admin.lists import CheckedQueries, FactAdmin
from monitoring.admin.notice_log import NoticesOfAlert
from monitoring.admin.page_addresses import LinksToPages, page
from monitoring.admin.session_lists import ClientSessionAdmin, DisconnectionAdmin
from monitoring.admin.style import style
from monitoring.admin.tier_lists import DayAdmin, HourAdmin, MinuteAdmin
from monitoring.alert_words import headline
from monitoring.core.amounts import exact
from monitoring.models import Alert, Marker
from monitoring.models.marker import DEPLOY
from monitoring.row_words import word
from monitoring.unit_texts import span, with_unit

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
class AlertAdmin(AnswersAlerts, LinksToPages, CurrentAlerts, ExportsRows, FactAdmin):
    """Alerts, newest first, below a chart of how many began when."""

    list_display = ("badges", "shown_message", "shown_when", "shown_values")
    list_display_links = ("shown_message",)
    list_filter = (WeekFilter, StateFilter, SeverityFilter, MetricFilter)
    search_fields = ("subject", "message", "host", "node", "client_id")
    date_hierarchy = "started_at"
    ordering = ("-started_at", "-id")
    exclude = ("message", "reports")
    words = ("severity", "scope", "ended", "reason")
    readonly_fields = ("shown_message", "shown_duration")
    inlines = (NoticesOfAlert,)

    @admin.display(description=_("severity, state"), ordering="severity")
    def badges(self, alert: Alert) -> SafeString | None:
        by = gettext("acknowledged by %(name)s") % {"name": alert.acknowledged_by} if alert.acknowledged_at else None
        return stacked(badge(alert.severity), badge(alert.state), by)

    @admin.display(description=_("alert"), ordering="message")
    def shown_message(self, alert: Alert) -> str:
        return headline(alert)

    @admin.display(description=_("started, duration"), ordering="started_at")
    def shown_when(self, alert: Alert) -> SafeString | None:
        return stacked(stamp(alert.started_at), self.shown_duration(alert), word(alert.ended))

    @admin.display(description=_("last value, peak, threshold"), ordering="peak")
    def shown_values(self, alert: Alert) -> SafeString | None:
        peak = gettext("peak %(value)s") % {"value": decimal(alert.peak, 1, alert.unit)}
        limit = gettext("limit %(value)s") % {"value": with_unit(exact(alert.threshold), alert.limit_unit)}
        return stacked(decimal(alert.last, 1, alert.unit) or UNKNOWN, peak, limit)

    @admin.display(description=_("duration"))
    def shown_duration(self, alert: Alert) -> str:
        return span(alert.duration.total_seconds())

    def number_row(self, name: str) -> Callable[[Any], str]:
        return number_row(name, lambda alert: alert.limit_unit if name == "threshold" else alert.unit)

    def moments_of(self, row: Alert) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        return row.started_at, row.started_at + row.duration, [(gettext("Alert"), page("alert", row.pk))]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data |= alert_chart.context(response.context_data["cl"])
        return response


@admin.register(Marker)
class MarkerAdmin(LargeTable, LinksToPages, ExportsRows, CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ("shown_at", "shown_text", "kind")
    list_display_links = ("shown_text",)
    list_filter = ("kind",)
    search_fields = ("text",)
    date_hierarchy = "at"
    ordering = ("-at", "-id")

    @property
    def media(self) -> Media:
        return super().media + style()

    @admin.display(description=_("at"), ordering="at")
    def shown_at(self, marker: Marker) -> str:
        return stamp(marker.at)

    @admin.display(description=_("text"), ordering="text")
    def shown_text(self, marker: Marker) -> str:
        return marker.words

    # A clock that was set and another version are facts, which nobody adds or changes.

    def has_change_permission(self, request: HttpRequest, obj: Marker | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.kind == DEPLOY)

    def get_fields(self, request: HttpRequest, obj: Marker | None = None) -> Any:  # noqa: ARG002
        return ("at", "text") if obj is None or obj.kind == DEPLOY else ("shown_at", "shown_text", "kind")

    def get_readonly_fields(self, request: HttpRequest, obj: Marker | None = None) -> Any:  # noqa: ARG002
        return () if obj is None or obj.kind == DEPLOY else ("shown_at", "shown_text")

    def moments_of(self, row: Marker) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        return row.at, row.at, []
