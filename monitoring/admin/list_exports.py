"""Downloads of the admin's lists: of the selected rows, and of all rows that a list's filters find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.core.address_masks import Mask
from monitoring.export.aggregates import Aggregates
from monitoring.export.event_records import EventRecords
from monitoring.export.response import download
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.export.table import Records
from monitoring.models import Alert, ClientSession, Disconnection, Marker, OwnGauge
from monitoring.models.aggregate import Aggregate
from monitoring.shown_addresses import address_mask

EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
FORMATS = {"csv": "CSV", "jsonl": "JSON lines"}


class ExportsRows:
    """For an admin of records: anyone who may see the rows may download them, in constant memory.

    Django's log says who did, and in which format; not which rows, because that may be a person's name.
    """

    model: Any
    opts: Any
    admin_site: Any
    actions: Sequence[Callable[..., Any] | str] | None = ("export_csv", "export_jsonl")

    @admin.action(description=_("Export selected as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        return self._export(request, rows, "csv")

    @admin.action(description=_("Export selected as JSON lines"), permissions=["view"])
    def export_jsonl(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        return self._export(request, rows, "jsonl")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        mine = [path(f"export/{name}/", view, {"format": name}, name=self._name_of(name)) for name in FORMATS]
        return [*mine, *super().get_urls()]  # type: ignore[misc]

    def export_view(self, request: HttpRequest, format: str) -> HttpResponseBase:  # noqa: A002
        """All rows that the list with the same query string finds."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        response: HttpResponse = self.changelist_view(request)
        found = getattr(response, "context_data", None) or {}
        if "cl" not in found:
            # The list refuses this query string: it answers with what is wrong, or leads to what it can show.
            if isinstance(response, HttpResponseRedirect):
                return HttpResponseRedirect(reverse(f"admin:{self._list}", current_app=self.admin_site.name))
            return response
        return self._export(request, found["cl"].queryset, format)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            query = response.context_data["cl"].get_query_string({"p": None, "all": None})
            response.context_data["exports"] = [(label, self._address(name) + query) for name, label in FORMATS.items()]
        return response

    def _address(self, format: str) -> str:  # noqa: A002
        return reverse(f"admin:{self._name_of(format)}", current_app=self.admin_site.name)

    def _name_of(self, format: str) -> str:  # noqa: A002
        return f"{self.opts.app_label}_{self.opts.model_name}_export_{format}"

    @property
    def _list(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_changelist"

    def _export(self, request: HttpRequest, rows: QuerySet[Any], format: str) -> HttpResponseBase:  # noqa: A002
        user: Any = request.user.pk
        LogEntry.objects.create(
            user_id=user,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=str(self.opts.verbose_name_plural)[:200],
            action_flag=CHANGE,
            change_message=f"Exported as {FORMATS[format]}.",
        )
        now = f"{timezone.now():%Y%m%dT%H%M%SZ}"
        return download(request, _records(rows, address_mask(request.user)), format, f"{self.opts.model_name}s", now)


def _records(rows: QuerySet[Any], mask: Mask) -> Records:
    model = rows.model
    if issubclass(model, Aggregate):
        return Aggregates(rows, *EVER, own=OwnGauge.objects.added())  # type: ignore[arg-type]
    of: dict[type[Model], Callable[[Any], Records]] = {
        Alert: of_alerts,
        ClientSession: lambda found: of_sessions(found, mask),
        Marker: lambda found: EventRecords(found, begins="at"),
        Disconnection: lambda found: EventRecords(found, begins="at"),
    }
    return of[model](rows)
