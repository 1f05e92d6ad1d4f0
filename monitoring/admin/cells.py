"""Single values as the admin shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext

from monitoring.history.series import METRICS
from monitoring.models.aggregate import Aggregate
from monitoring.models.column_names import column_name
from monitoring.row_words import word


def badge(text: str) -> SafeString:
    """A word of a row as a badge, whose class is the word itself."""
    return format_html('<span class="badge badge-{}">{}</span>', slugify(text), word(text))


def only(field: str, value: str | None) -> SafeString | None:
    """A value, linked to the list of all rows that have it."""
    return format_html('<a href="?{}"><bdi>{}</bdi></a>', urlencode({field: value}), value) if value else None


def stamp(moment: datetime) -> str:
    """In UTC, and saying so: the time zone of the project, or of a reader, is another one."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def moment_row(name: str) -> Callable[[Model], str]:
    """A line on a row's own page: a moment in UTC."""

    @admin.display(description=column_name(name))
    def shown(row: Model) -> str:
        moment = getattr(row, name)
        return UNKNOWN if moment is None else stamp(moment)

    return shown


def seconds_only(duration: timedelta) -> str:
    return str(timedelta(seconds=round(duration.total_seconds())))


def decimal(value: float | None, digits: int = 1) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


UNKNOWN = "–"
"""A row's own page shows a method's value as it is, None as "None"."""


def percentiles(values: Iterable[float | None]) -> str:
    known = [f"{value:.1f}" for value in values if value is not None]
    return ", ".join(known) or UNKNOWN


def spread(average: float, lowest: float | None, highest: float | None) -> str:
    values = {"average": f"{average:.2f}", "lowest": f"{lowest:.2f}", "highest": f"{highest:.2f}"}
    return gettext("%(average)s (%(lowest)s to %(highest)s)") % values


def _gauge_text(label: str, unit: str) -> str:
    return gettext("%(label)s, %(unit)s") % {"label": gettext(label), "unit": unit or gettext("number")}


_gauge_name = lazy(_gauge_text, str)


def gauge_row(name: str) -> Callable[[Aggregate], str]:
    """A line on a row's own page: a gauge's average, lowest and highest value."""
    known = METRICS.get(name)
    description = _gauge_name(known.label, known.unit) if known else column_name(name)

    @admin.display(description=description)
    def shown(row: Aggregate) -> str:
        average = row.average(name)
        if average is None:
            return UNKNOWN
        return spread(average, row.lowest(name), row.highest(name))

    return shown
