"""The admin action that downloads the selected rows as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from monitoring.export.aggregates import Aggregates
from monitoring.export.response import download
from monitoring.export.selection import of_alerts, of_sessions
from monitoring.export.table import Records
from monitoring.models import Alert, ClientSession, OwnGauge
from monitoring.models.aggregate import Aggregate

EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class CsvExport:
    """For an admin of minutes, hours, days, alerts or sessions; anyone who may see the rows may download them."""

    actions: Sequence[Callable[..., Any] | str] | None = ("export_csv",)

    @admin.action(description=_("Export selected as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        # A file has the same name in every language.
        with translation.override(None):
            name = str(rows.model._meta.verbose_name_plural).replace(" ", "-")
        return download(request, _records(rows, rows.model), "csv", name, f"{timezone.now():%Y%m%dT%H%M%SZ}")


def _records(rows: QuerySet[Any], model: type[Model]) -> Records:
    if issubclass(model, Aggregate):
        return Aggregates(rows, *EVER, own=OwnGauge.objects.added())  # type: ignore[arg-type]
    of: dict[type[Model], Any] = {Alert: of_alerts, ClientSession: of_sessions}
    records: Records = of[model](rows)
    return records
