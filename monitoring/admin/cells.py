"""Single values as the admin shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext

from monitoring.core.amounts import scaled_bytes
from monitoring.history.series import METRICS
from monitoring.models.aggregate import Aggregate
from monitoring.models.column_names import column_name
from monitoring.row_words import word
from monitoring.unit_texts import with_unit

UNKNOWN = "–"
"""A row's own page shows a method's value as it is, None as "None"."""


def badge(text: str) -> SafeString:
    """A word of a row as a badge, whose class is the word itself."""
    return format_html('<span class="badge badge-{}">{}</span>', slugify(text), word(text))


def only(field: str, value: str | None) -> SafeString | None:
    """A value, linked to the list of all rows that have it."""
    return format_html('<a href="?{}"><bdi>{}</bdi></a>', urlencode({field: value}), value) if value else None


def stacked(first: str | None, *others: str | None) -> SafeString | None:
    """Several values in one cell, below each other, the first one as the main one; None if none is known."""
    lines = [(UNKNOWN if first is None else first,), *((other,) for other in others if other)]
    if first is None and len(lines) == 1:
        return None
    rest = format_html_join("", '<div class="quiet-line">{}</div>', lines[1:])
    return format_html("<div>{}</div>{}", lines[0][0], rest)


def stamp(moment: datetime) -> SafeString:
    """In UTC, and saying so: the time zone of the project, or of a reader, is another one.

    The script of the lists shows it in the reader's own zone, if that is what the reader has chosen.
    """
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-local="seconds">{}</time>',
        utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        f"{utc:%Y-%m-%d %H:%M:%S} UTC",
    )


def moment_row(name: str) -> Callable[[Model], str]:
    """A line on a row's own page: a moment in UTC."""

    @admin.display(description=column_name(name))
    def shown(row: Model) -> str:
        moment = getattr(row, name)
        return UNKNOWN if moment is None else stamp(moment)

    return shown


def word_row(name: str) -> Callable[[Model], str]:
    """A line on a row's own page: one of our words, in the reader's language."""

    @admin.display(description=column_name(name))
    def shown(row: Model) -> str:
        return word(getattr(row, name)) or UNKNOWN

    return shown


def number_row(name: str, unit_of: Callable[[Any], str] = lambda _: "") -> Callable[[Any], str]:
    """A line on a row's own page: a number, rounded, with the unit that the row has for it."""

    @admin.display(description=column_name(name))
    def shown(row: Any) -> str:
        return decimal(getattr(row, name), 2, unit_of(row)) or UNKNOWN

    return shown


def decimal(value: float | None, digits: int = 1, unit: str = "") -> str | None:
    """A rounded number as the reader's language writes it, with its unit; None if it is not known."""
    if value is None:
        return None
    text = number_format(f"{value:.{digits}f}", digits, use_l10n=True, force_grouping=True)
    return with_unit(text, unit)


def size(value: float | None) -> str | None:
    """Bytes in the unit that fits; None if they are not known."""
    if value is None:
        return None
    scaled, unit = scaled_bytes(value)
    return decimal(scaled, 0 if unit == "B" else 1, unit)


def average_and_highest(average: float | None, highest: float | None, digits: int, unit: str = "") -> SafeString | None:
    """An average, and below it the highest value, rounded to the digits."""
    if average is None:
        return None
    most = gettext("max %(value)s") % {"value": decimal(highest, digits, unit)}
    return stacked(decimal(average, 1, unit), most if highest is not None else None)


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
