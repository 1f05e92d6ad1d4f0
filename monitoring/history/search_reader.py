"""Reads the parameters of a search from a query string, one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.http import QueryDict

from monitoring.core.inputs import echo, plain_text, whole_number
from monitoring.moments import ALLOWED, parse_moment

RANGES = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
LONGEST_TEXT = 255
MOST_VALUES = 20
"""Values of one field in one query string."""

TRACKING = re.compile(r"utm_\w+|\w*clid|_ga|_gl|mc_[ce]id")
"""Parameters that other sites and mail programs add to any link."""

OF_PAGES = ("range", "from", "to", "text", "before", "format", "kiosk", "rotate", "pages", "zone")
"""Parameters of each search: of the search itself, of its pages and exports, and of screens on a wall."""

Allowed = Mapping[str, Collection[str]]


class SearchReader:
    """What it cannot understand it leaves out and remembers in `problems`: the name, the value and what is allowed.

    `allowed` has the values of fields that take only some.
    """

    def __init__(self, query: QueryDict, now: datetime, allowed: Allowed) -> None:
        self.query, self.now = query, now
        self.problems: list[str] = []
        self._allowed = allowed

    def values(self, name: str) -> tuple[str, ...]:
        given = list(dict.fromkeys(value for value in self.query.getlist(name) if value))
        if len(given) > MOST_VALUES:
            self.problems.append(f"{name}: must be given at most {MOST_VALUES} times")
        return tuple(value for value in given[:MOST_VALUES] if self._is_good(name, value, self._allowed.get(name)))

    def one_of(self, name: str, allowed: Iterable[str]) -> str:
        value = self.query.get(name) or ""
        return value if not value or self._is_good(name, value, list(allowed)) else ""

    def text(self) -> str:
        value = (self.query.get("text") or "").strip()
        return value if self._is_good("text", value, None) else ""

    def period(self) -> tuple[datetime | None, datetime | None, str]:
        """The beginning, the end, and the range's name if it was given by one; each None or empty if it was not."""
        if name := self.one_of("range", RANGES):
            return self.now - RANGES[name], None, name
        start, end = self._moment("from"), self._moment("to")
        if start and end and start >= end:
            self.problems.append(
                f"from={echo(self._text('from'))} to={echo(self._text('to'))}: must begin before its end"
            )
            return None, None, ""
        return start, end, ""

    def refuse(self, name: str, allowed: str) -> None:
        """A parameter that means something only where it was understood before."""
        if name in self.query:
            self.problems.append(f"{name}={echo(self._text(name))}: must be {allowed}")

    def refuse_unknown(self, known: Collection[str]) -> None:
        self.problems += unknown_names(self.query, known)

    def _text(self, name: str) -> str:
        return self.query.get(name) or ""

    def _moment(self, name: str) -> datetime | None:
        text = self.query.get(name)
        try:
            return parse_moment(text, self.now) if text else None
        except ValueError:
            self.problems.append(f"{name}={echo(text or '')}: must be {ALLOWED}")
            return None

    def _is_good(self, name: str, value: str, allowed: Collection[str] | None) -> bool:
        try:
            plain_text(value, LONGEST_TEXT)
        except ValueError as error:
            self.problems.append(f"{name}={echo(value)}: must be {error}")
            return False
        if allowed is not None and value not in allowed:
            self.problems.append(f"{name}={echo(value)}: must be one of {', '.join(allowed)}")
            return False
        return True


def unknown_names(query: Iterable[str], known: Collection[str]) -> list[str]:
    """Names that are in no page's links and mean nothing here, most of them typing errors; what campaigns and other
    sites add to links (`utm_…`, `fbclid`) is let be."""
    return [
        f"{echo(name)}: must be left out, this page knows {', '.join(known)}"
        for name in query
        if name not in known and not TRACKING.fullmatch(name)
    ]


def stamp_of(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def place_text(place: tuple[datetime, int]) -> str:
    """Where a row stands among all, newest first; `parse_place` reads it."""
    moment, number = place
    return f"{stamp_of(moment)}_{number}"


def parse_place(text: str) -> tuple[datetime, int]:
    """Raises ValueError that names the text and what is allowed."""
    began, _, number = text.rpartition("_")
    try:
        return parse_moment(began, datetime.now(UTC)), whole_number(number)
    except ValueError:
        raise ValueError(f"before={echo(text)}: must be a time and a number, as in the page's own links") from None
