"""Single values as the admin shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from monitoring.history.series import METRICS
from monitoring.models.aggregate import Aggregate


def badge(word: str) -> SafeString:
    """A word as a badge whose class is the word's."""
    return format_html('<span class="badge badge-{}">{}</span>', word, word)


def only(field: str, value: str | None) -> SafeString | None:
    """A value, linked to the list of all rows that have it."""
    return format_html('<a href="?{}"><bdi>{}</bdi></a>', urlencode({field: value}), value) if value else None


def stamp(moment: datetime) -> str:
    """In UTC, and saying so: the time zone of the project, or of a reader, is another one."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def moment_row(name: str) -> Callable[[Model], str]:
    """A line on a row's own page: a moment in UTC."""

    @admin.display(description=name.replace("_", " "))
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


def gauge_row(name: str) -> Callable[[Aggregate], str]:
    """A line on a row's own page: a gauge's average, lowest and highest value."""
    known = METRICS.get(name)
    description = f"{known.label}, {known.unit or 'number'}" if known else name.replace("_", " ").replace("mb", "MB")

    @admin.display(description=description)
    def shown(row: Aggregate) -> str:
        average = row.average(name)
        if average is None:
            return UNKNOWN
        return f"{average:.2f} ({row.lowest(name):.2f} to {row.highest(name):.2f})"

    return shown
