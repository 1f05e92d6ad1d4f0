"""Client sessions in Django's admin, and who disconnected whom: facts that nobody changes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import UNKNOWN, badge, decimal, only, percentiles, seconds_only, stamp
from monitoring.admin.csv_export import CsvExport
from monitoring.admin.filters import EndFilter, UserFilter, WeekFilter
from monitoring.admin.forget_action import ForgetsClients
from monitoring.admin.lists import FactAdmin
from monitoring.history.open_totals import add_totals
from monitoring.models import ClientSession, Disconnection


@admin.register(ClientSession)
class ClientSessionAdmin(ForgetsClients, CsvExport, FactAdmin):
    """Open sessions have their totals so far, as their nodes tell them; what no node tells is a dash."""

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
        "shown_as_of",
        "cause",
        "error",
        "close_code",
        "ended",
    )
    list_filter = (WeekFilter, UserFilter, "cause", ("ended", EndFilter))
    search_fields = ("client_id", "user", "room", "node", "remote", "path")
    date_hierarchy = "connected_at"
    ordering = ("-connected_at", "-id")
    exclude = ("latency_sketch", "frame_time_sketch")
    readonly_fields = ("shown_as_of", "latency_percentiles", "frame_time_percentiles")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        add_totals(found.result_list)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ClientSession | None:
        found: ClientSession | None = super().get_object(request, object_id, from_field)
        if found is not None:
            add_totals([found])
        return found

    @admin.display(description=_("totals as of"))
    def shown_as_of(self, session: ClientSession) -> str:
        return stamp(session.totals_at) if session.totals_at else UNKNOWN

    @admin.display(description=_("state"), ordering="disconnected_at")
    def state_badge(self, session: ClientSession) -> SafeString:
        return badge("open" if session.is_open else "closed")

    @admin.display(description=_("user"), ordering="user")
    def shown_user(self, session: ClientSession) -> SafeString | None:
        return only("user", session.user)

    @admin.display(description=_("room"), ordering="room")
    def shown_room(self, session: ClientSession) -> SafeString | None:
        return only("room", session.room)

    @admin.display(description=_("connected"), ordering="connected_at")
    def shown_start(self, session: ClientSession) -> str:
        return stamp(session.connected_at)

    @admin.display(description=_("disconnected"), ordering="disconnected_at")
    def shown_end(self, session: ClientSession) -> str | None:
        return stamp(session.disconnected_at) if session.disconnected_at else None

    @admin.display(description=_("duration"))
    def shown_duration(self, session: ClientSession) -> str:
        return seconds_only(session.duration)

    @admin.display(description=_("latency p95, ms"), ordering="latency_p95_ms")
    def shown_latency(self, session: ClientSession) -> str | None:
        return decimal(session.latency_p95_ms)

    @admin.display(description=_("FPS"), ordering="fps_average")
    def shown_fps(self, session: ClientSession) -> str | None:
        return decimal(session.fps_average)

    @admin.display(description=_("latency p50, p95, p99, ms"))
    def latency_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.latency)

    @admin.display(description=_("frame time p50, p95, p99, ms"))
    def frame_time_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.frame_time)


@admin.register(Disconnection)
class DisconnectionAdmin(FactAdmin):
    list_display = ("shown_at", "by", "client_id", "node", "reason", "outcome_badge")
    list_filter = ("outcome",)
    search_fields = ("by", "client_id", "node", "reason")
    date_hierarchy = "at"
    ordering = ("-at", "-id")

    @admin.display(description=_("at"), ordering="at")
    def shown_at(self, disconnection: Disconnection) -> str:
        return stamp(disconnection.at)

    @admin.display(description=_("outcome"), ordering="outcome")
    def outcome_badge(self, disconnection: Disconnection) -> SafeString | None:
        return badge(disconnection.outcome) if disconnection.outcome else None
