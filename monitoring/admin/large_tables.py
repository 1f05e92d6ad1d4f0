"""Lists of tables that may have millions of rows: none of their pages counts all rows or reads all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy

MOST_COUNTED = 10_000
"""Rows of a list; it says if there are more, and narrower filters show those."""

MOST_DELETED = 1_000
"""Rows that one action deletes: Django reads each of them, and everything that refers to it."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not generic when it runs
    """Pages of the first rows; `has_more` says that there are rows after them."""

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST_COUNTED)

    @property
    def has_more(self) -> bool:
        return self._found > MOST_COUNTED

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.values("pk")[: MOST_COUNTED + 1].count()) if isinstance(rows, QuerySet) else len(rows)


class BoundedList(ChangeList):
    """`has_more` says that there are rows after those of its pages."""

    has_more = False

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.has_more = bool(getattr(self.paginator, "has_more", False))
        if not self.result_count:
            # The rows are not read yet, and looking for none of them again would take as long as counting them.
            self.result_list = self.queryset.none()


class LargeTable:
    """For a ModelAdmin: neither its list, nor its actions, history and questions count or read a large table."""

    paginator: Any = BoundedPaginator
    show_full_result_count = False
    # Their counts are one query over all rows.
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:  # noqa: ARG002
        return BoundedList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            context = response.context_data
            if getattr(context["cl"], "has_more", False):
                context["selection_note_all"] = gettext("All rows that the filters find are selected")
            context["dates"] = self._dates(context["cl"])
        return response

    def _dates(self, shown: ChangeList) -> dict[str, Any] | None:
        """Links to years, months and days between the first and the last row, which an index knows."""
        name: str | None = self.date_hierarchy  # type: ignore[attr-defined]
        if not name:
            return None
        model: Any = self.model  # type: ignore[attr-defined]
        rows = model._default_manager.order_by().filter(**{f"{name}__isnull": False})
        first, last = (rows.order_by(order).values_list(name, flat=True).first() for order in (name, f"-{name}"))
        return None if first is None or last is None else dates(shown, name, first, max(first, last))

    @admin.action(
        description=pgettext_lazy("an action", "Delete selected %(verbose_name_plural)s"), permissions=["delete"]
    )
    def delete_selected(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase | None:
        """Django's own, for a limited number of rows."""
        if len(rows.order_by().values_list("pk")[: MOST_DELETED + 1]) > MOST_DELETED:
            told = gettext("Nothing was deleted: these are more than %(number)s rows. Choose fewer.")
            messages.error(request, told % {"number": MOST_DELETED})
            return None
        return delete_selected(self, request, rows)  # type: ignore[arg-type]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if "delete_selected" in found:
            described = found["delete_selected"][2]
            found["delete_selected"] = (type(self).delete_selected, "delete_selected", described)
        return found


def dates(shown: ChangeList, name: str, first: datetime, last: datetime) -> dict[str, Any]:
    """What Django's template of a date hierarchy shows: a step back, and the years, months or days to choose from."""
    first_day, last_day = (moment.astimezone(UTC).date() for moment in (first, last))
    year, month, day = (_number(shown, f"{name}__{part}") for part in ("year", "month", "day"))

    def link(**chosen: int) -> str:
        parts = {f"{name}__{part}": chosen.get(part) for part in ("year", "month", "day")}
        return shown.get_query_string(parts, [f"{name}__", "period"])

    months = [one for one in _months(first_day, last_day) if not year or one.year == year]
    if year and month:
        chosen = date(year, month, 1)
        if day:
            back = {"link": link(year=year, month=month), "title": date_format(chosen, "YEAR_MONTH_FORMAT")}
            return {"show": True, "back": back, "choices": [{"title": _day(chosen.replace(day=day))}]}
        days = [one for one in _days_of(chosen) if first_day <= one <= last_day]
        choices = [{"link": link(year=year, month=month, day=one.day), "title": _day(one)} for one in days]
        return {"show": True, "back": {"link": link(year=year), "title": str(year)}, "choices": choices}
    if not year and len({one.year for one in months}) > 1:
        years = range(first_day.year, last_day.year + 1)
        return {"show": True, "choices": [{"link": link(year=one), "title": str(one)} for one in years]}
    choices = [
        {"link": link(year=one.year, month=one.month), "title": date_format(one, "YEAR_MONTH_FORMAT")} for one in months
    ]
    every = {"link": link(), "title": gettext("All dates")} if year else None
    return {"show": True, "back": every, "choices": choices}


def _day(one: date) -> str:
    return date_format(one, "MONTH_DAY_FORMAT")


def _months(first: date, last: date) -> Iterator[date]:
    """The first days of all months from one day to another."""
    one = first.replace(day=1)
    while one <= last:
        yield one
        one = (one + timedelta(days=31)).replace(day=1)


def _days_of(month: date) -> Iterator[date]:
    one = month
    while one.month == month.month:
        yield one
        one += timedelta(days=1)


def _number(shown: ChangeList, name: str) -> int:
    given = shown.params.get(name)
    text = given[-1] if isinstance(given, list) else given
    return int(text) if text else 0
