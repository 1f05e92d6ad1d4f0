"""Client sessions in Django's admin, and who disconnected whom: facts that nobody changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import UNKNOWN, badge, decimal, only, percentiles, size, stacked, stamp
from monitoring.admin.filters import OpenFilter, OutcomeFilter, UserFilter, WeekFilter
from monitoring.admin.forget_action import ForgetsClients
from monitoring.admin.list_exports import ExportsRows
from monitoring.admin.lists import FactAdmin
from monitoring.admin.page_addresses import LinksToPages, page
from monitoring.history.open_totals import add_totals
from monitoring.models import ClientSession, Disconnection
from monitoring.shown_addresses import address_mask
from monitoring.unit_texts import span


@admin.register(ClientSession)
class ClientSessionAdmin(ForgetsClients, LinksToPages, ExportsRows, FactAdmin):
    """Open sessions have their totals so far, as their nodes tell them; what no node tells is a dash."""

    list_display = ("client_id", "state_badge", "shown_when", "shown_place", "shown_traffic", "shown_quality")
    list_filter = (WeekFilter, OpenFilter, UserFilter, "cause")
    search_fields = ("client_id", "user", "room", "node", "remote", "path")
    date_hierarchy = "connected_at"
    ordering = ("-connected_at", "-id")
    exclude = ("latency_sketch", "frame_time_sketch")
    readonly_fields = ("shown_duration", "shown_as_of", "latency_percentiles", "frame_time_percentiles")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        add_totals(found.result_list)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ClientSession | None:
        found: ClientSession | None = super().get_object(request, object_id, from_field)
        if found is not None:
            add_totals([found])
            found.remote = address_mask(request.user)(found.remote)
        return found

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [name for name in self.search_fields if name != "remote" or address_mask(request.user) is str]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_hidden = lookup.partition("__")[0] == "remote" and address_mask(request.user) is not str
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("totals as of"))
    def shown_as_of(self, session: ClientSession) -> str:
        return stamp(session.totals_at) if session.totals_at else UNKNOWN

    @admin.display(description=_("state, cause"), ordering="disconnected_at")
    def state_badge(self, session: ClientSession) -> SafeString | None:
        if session.is_open:
            return badge("open")
        return stacked(badge("closed"), str(session.get_cause_display()))

    @admin.display(description=_("connected, duration"), ordering="connected_at")
    def shown_when(self, session: ClientSession) -> SafeString | None:
        return stacked(stamp(session.connected_at), self.shown_duration(session))

    @admin.display(description=_("user, room, node"), ordering="node")
    def shown_place(self, session: ClientSession) -> SafeString | None:
        return stacked(only("user", session.user), only("room", session.room), only("node", session.node))

    @admin.display(description=_("messages, bytes in, out"), ordering="messages")
    def shown_traffic(self, session: ClientSession) -> SafeString | None:
        received, sent = size(session.bytes_received), size(session.bytes_sent)
        return stacked(
            decimal(session.messages, 0),
            received and gettext("in %(bytes)s") % {"bytes": received},
            sent and gettext("out %(bytes)s") % {"bytes": sent},
        )

    @admin.display(description=_("latency p95, FPS"), ordering="latency_p95_ms")
    def shown_quality(self, session: ClientSession) -> SafeString | None:
        return stacked(decimal(session.latency_p95_ms, 1, "ms"), decimal(session.fps_average, 1, "FPS"))

    @admin.display(description=_("duration"))
    def shown_duration(self, session: ClientSession) -> str:
        return span(session.duration.total_seconds())

    def moments_of(self, row: ClientSession) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        end = row.connected_at + row.duration
        return row.connected_at, end, [(gettext("Client"), page("client", row.client_id))]

    @admin.display(description=_("latency p50, p95, p99, ms"))
    def latency_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.latency)

    @admin.display(description=_("frame time p50, p95, p99, ms"))
    def frame_time_percentiles(self, session: ClientSession) -> str:
        return percentiles(session.frame_time)


@admin.register(Disconnection)
class DisconnectionAdmin(LinksToPages, ExportsRows, FactAdmin):
    list_display = ("shown_at", "by", "client_id", "reason", "outcome_badge")
    list_filter = (OutcomeFilter,)
    search_fields = ("by", "client_id", "node", "reason")
    words = ("outcome",)
    date_hierarchy = "at"
    ordering = ("-at", "-id")

    @admin.display(description=_("at"), ordering="at")
    def shown_at(self, disconnection: Disconnection) -> str:
        return stamp(disconnection.at)

    @admin.display(description=_("outcome"), ordering="outcome")
    def outcome_badge(self, disconnection: Disconnection) -> SafeString | None:
        return badge(disconnection.outcome) if disconnection.outcome else None

    def moments_of(self, row: Disconnection) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        return row.at, row.at, [(gettext("Client"), page("client", row.client_id))]
