"""Links from the admin's rows to the pages: to the live page as it was at a moment, and to the trends around it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.access import PERMISSION
from monitoring.moment_links import moment_url
from monitoring.moments import stamp

MARGIN = timedelta(minutes=10)
"""At least this much of the time before and after is shown in the trends."""


def page(name: str, *arguments: object, **query: str) -> str:
    """The address of one of the pages; empty if the project does not include them."""
    try:
        path = reverse(f"avatar_monitoring:{name}", args=arguments)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query, safe=':')}" if query else path


def trends(start: datetime, end: datetime) -> str:
    """The trends of the range with the time before and after it."""
    margin = max(MARGIN, (end - start) / 2)
    return page("trends", **{"from": stamp(start - margin), "to": stamp(end + margin)})


def links(*pairs: tuple[str, str]) -> SafeString | None:
    """Links below each other, of their texts and addresses; those without an address are left out."""
    known = [(address, text) for text, address in pairs if address]
    return format_html_join("", '<div><a href="{}">{}</a></div>', known) if known else None


class LinksToPages:
    """For a ModelAdmin: its list and forms link to the pages, for people who may see these."""

    @admin.display(description=_("show"))
    def shown_links(self, row: Any) -> SafeString | None:
        start, end, more = self.moments_of(row)
        return links(*more, (gettext("Replay"), moment_url(start)), (gettext("Trends"), trends(start, end)))

    def moments_of(self, row: Any) -> tuple[datetime, datetime, list[tuple[str, str]]]:
        """When what the row is about began and ended, and further links as texts and addresses."""
        raise NotImplementedError

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)  # type: ignore[misc]
        return [*shown, "shown_links"] if may_watch(request) else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "shown_links"]  # type: ignore[misc]


def may_watch(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(PERMISSION)) and bool(page("live"))
