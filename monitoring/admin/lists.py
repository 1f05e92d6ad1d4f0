"""What the admin's lists share: what they are asked is checked before the database is, and facts are read-only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.db.models import Model
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import UNKNOWN, moment_row, number_row, word_row
from monitoring.admin.large_tables import LargeTable
from monitoring.admin.style import style
from monitoring.admin.utc import InUTC
from monitoring.core.inputs import echo, number, plain_text, whole_number
from monitoring.moments import ALLOWED, parse_moment
from monitoring.problem_words import problem_words

FACTS = "admin/avatar_monitoring/facts_inline.html"
"""The template of rows on another row's page that nobody adds or changes."""

LONGEST_TEXT = 255
MOST_PAGES = 10**9
Read = Callable[[str], object]
NAMES = "q, o, p, a filter of the list, or a field, such as node=web:1"
PARTS_OF_A_DATE: dict[str, Read] = {
    "year": partial(whole_number, low=1970, high=2999),
    "month": partial(whole_number, low=1, high=12),
    "day": partial(whole_number, low=1, high=31),
}


def _text(text: str) -> object:
    return plain_text(text, LONGEST_TEXT)


def _moment(text: str) -> object:
    try:
        return parse_moment(text, timezone.now())
    except ValueError:
        raise ValueError(ALLOWED) from None


def _truth(text: str) -> object:
    if text not in ("0", "1", "True", "False", "true", "false"):
        raise ValueError("True or False")
    return text


DJANGOS_OWN: dict[str, Read] = {
    "q": _text,
    "p": partial(whole_number, low=1, high=MOST_PAGES),
    **dict.fromkeys(("o", "e", "all", "_facets", "_popup", "_to_field", "_changelist_filters"), _text),
}


class CheckedQueries(InUTC):
    """For a ModelAdmin: its list accepts the search, the order, the pages, its filters, dates, and fields' values.

    Anything else is answered with 400, which names it and says what is allowed; Django itself would leave much of it to
    the database. Times are in UTC.
    """

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            self._check(request)
        except ValueError as error:
            return self._refusal(request, str(error))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """A form may be opened with values in its address, as far as its fields can hold them."""
        try:
            self.get_changeform_initial_data(request)
        except ValueError as error:
            return self._refusal(request, str(error))
        response: HttpResponse = super().changeform_view(request, *arguments, **options)
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Titles of what nobody changes are ours: Django's are ungrammatical in some languages."""
        found = super().get_changelist_instance(request)  # type: ignore[misc]
        if not self.has_change_permission(request):  # type: ignore[attr-defined]
            found.title = gettext("Select %(name)s to view") % {"name": found.opts.verbose_name}
        return found

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **options: Any) -> HttpResponse:
        if options.get("change") and not self.has_change_permission(request, options.get("obj")):  # type: ignore[attr-defined]
            context["title"] = gettext("View %(name)s") % {"name": self.model._meta.verbose_name}  # type: ignore[attr-defined]
        response: HttpResponse = super().render_change_form(request, context, *arguments, **options)  # type: ignore[misc]
        return response

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Raises ValueError with the name, the value and what is allowed."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        fields = {field.name: _reader_of(field) for field in self.model._meta.concrete_fields}  # type: ignore[attr-defined]
        readers = {name: read for name, read in fields.items() if read and name in given}
        # A form shows a moment as a date and a time, so text cannot be used.
        return given | {name: _read(name, str(given[name]), read) for name, read in readers.items()}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A date and its time have names, which Django gives neither."""
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for part, name in zip(field.widget.widgets, (_("Date:"), _("Time:")), strict=True):
                part.attrs["aria-label"] = format_lazy("{} {}", field.label, name)
        return field

    def _check(self, request: HttpRequest) -> None:
        """Raises ValueError with the name, the value and what is allowed."""
        readers = self._readers(request)
        for name, values in request.GET.lists():
            read = readers.get(name)
            if read is None:
                raise ValueError(f"{echo(name)}: the parameters are {NAMES}")
            for value in values:
                _read(name, value, read)
        self._check_day(request)
        for value in request.POST.getlist("_selected_action"):
            _read("_selected_action", value, whole_number)

    def _check_day(self, request: HttpRequest) -> None:
        """Rejects a day that its month does not have."""
        parts = [f"{self.date_hierarchy}__{part}" for part in PARTS_OF_A_DATE]  # type: ignore[attr-defined]
        if all(name in request.GET for name in parts):
            try:
                date(*(int(request.GET[name]) for name in parts))
            except ValueError:
                raise ValueError(f"{parts[-1]}={request.GET[parts[-1]]}: must be a day of that month") from None

    def _readers(self, request: HttpRequest) -> dict[str, Read]:
        """The reader for each parameter, by name."""
        found = dict(DJANGOS_OWN)
        fields = self.model._meta  # type: ignore[attr-defined]
        for listed in self.get_list_filter(request):  # type: ignore[attr-defined]
            one = listed[0] if isinstance(listed, tuple) else listed
            found |= _of_relation(fields.get_field(one)) if isinstance(one, str) else {one.parameter_name: _text}
        for field in fields.concrete_fields:
            read = _reader_of(field)
            if read is not None:
                found |= {field.name: read, f"{field.name}__exact": read, f"{field.name}__isnull": _truth}
        date_field = self.date_hierarchy  # type: ignore[attr-defined]
        if date_field:
            found |= {f"{date_field}__{part}": read for part, read in PARTS_OF_A_DATE.items()}
            found |= {f"{date_field}__{part}": _moment for part in ("gte", "lt")}
        return found

    def _refusal(self, request: HttpRequest, reason: str) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("This list has no such filter"),
            "opts": self.model._meta,  # type: ignore[attr-defined]
            "reason": problem_words(reason),
        }
        return TemplateResponse(request, "admin/avatar_monitoring/bad_question.html", context, status=400)


def _read(name: str, value: str, read: Read) -> object:
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{name}={echo(value)}: must be {error}") from None


def _of_relation(field: Any) -> dict[str, Read]:
    """What Django's filter by a relation adds to the query; other filters use fields' values."""
    if not field.is_relation:
        return {}
    return {f"{field.name}__{field.target_field.name}__exact": whole_number, f"{field.name}__isnull": _truth}


def _reader_of(field: Any) -> Read | None:
    """The reader for values of the field; None if nobody types such values."""
    readers: dict[type[models.Field[Any, Any]], Read] = {
        models.CharField: _text,
        models.TextField: _text,
        models.IntegerField: whole_number,
        models.FloatField: _float,
        models.BooleanField: _truth,
        models.DateTimeField: _moment,
    }
    return next((read for kind, read in readers.items() if isinstance(field, kind)), None)


def _float(text: str) -> object:
    return number(text, -1e300, 1e300)


class FactAdmin(LargeTable, CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Read-only; only a superuser may delete."""

    list_per_page = 60
    empty_value_display = UNKNOWN
    words: ClassVar[tuple[str, ...]] = ()
    """Columns that hold one of our words."""

    @property
    def media(self) -> Media:
        return super().media + style()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        kinds = {field.name: type(field) for field in self.model._meta.fields}
        rows = {models.DateTimeField: moment_row, models.FloatField: self.number_row}
        of_words = dict.fromkeys(self.words, word_row)
        fields: Any = super().get_fields(request, obj)
        makers = {name: of_words.get(name) or rows.get(kind) for name, kind in kinds.items()}
        return [maker(name) if (maker := makers.get(name)) else name for name in fields]

    def number_row(self, name: str) -> Callable[[Any], str]:
        """A line on a row's own page: a number, rounded."""
        return number_row(name)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)
