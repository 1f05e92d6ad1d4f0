"""Alerts in the admin as they are now, with what waits in the journal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import UNKNOWN
from monitoring.admin.large_tables import BoundedList
from monitoring.history.alerts_now import refresh
from monitoring.models import Alert
from monitoring.unit_texts import with_unit


class CurrentAlertList(BoundedList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        refresh(self.result_list)


class CurrentAlerts:
    """For an admin of alerts: while one fires, its list and its form show the last value, the peak and the duration."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:  # noqa: ARG002
        return CurrentAlertList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Alert | None:
        alert: Alert | None = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if alert is not None:
            refresh([alert])
        return alert

    @admin.display(description=_("last value"), ordering="last")
    def shown_last(self, alert: Alert) -> str:
        return UNKNOWN if alert.last is None else with_unit(f"{alert.last:.1f}", alert.unit)
