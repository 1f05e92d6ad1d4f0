"""Our pages of the admin are in UTC, like everything that is stored: a project's own time zone may be another one."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from monitoring.admin.cells import stamp

ZONE = "UTC"


class InUTC:
    """For a ModelAdmin: its lists and forms read and write times in UTC."""

    def changelist_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        with timezone.override(ZONE):
            return in_utc(super().changelist_view(request, *arguments, **options))  # type: ignore[misc]

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        with timezone.override(ZONE):
            return in_utc(super().changeform_view(request, *arguments, **options))  # type: ignore[misc]

    def history_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        with timezone.override(ZONE):
            response = super().history_view(request, *arguments, **options)  # type: ignore[misc]
        if isinstance(response, TemplateResponse) and response.context_data:
            for entry in response.context_data["action_list"]:
                entry.shown_time = stamp(entry.action_time)
        return in_utc(response)


class RenderedInUTC:
    """For a TemplateResponse, which is rendered when its view has returned."""

    @property
    def rendered_content(self) -> str:
        with timezone.override(ZONE):
            return str(super().rendered_content)  # type: ignore[misc]


def in_utc(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, TemplateResponse) and not response.is_rendered:
        response.__class__ = _in_utc(type(response))
    return response


@cache
def _in_utc(kind: type[TemplateResponse]) -> type[TemplateResponse]:
    return type(kind.__name__, (RenderedInUTC, kind), {})
