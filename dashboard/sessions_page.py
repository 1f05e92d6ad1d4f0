"""What the page of sessions shows: the choices with their counts, and a page of departures and open sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_noop

from dashboard.alerts_page import RANGE_LABELS, Chip
from dashboard.cause_texts import cause_meaning, cause_text
from dashboard.languages import gettext
from dashboard.periods import UnknownPeriodError
from dashboard.problem_texts import problem_text
from monitoring.history.open_totals import add_totals
from monitoring.history.search_reader import parse_place, place_text
from monitoring.history.session_pages import cause_counts, find
from monitoring.history.session_search import NOT_RECORDED, SessionSearch
from monitoring.models import ClientSession
from monitoring.moment_links import end_url

NAMED = {
    "client": gettext_noop("Client"),
    "user": gettext_noop("User"),
    "room": gettext_noop("Room"),
    "path": gettext_noop("Path"),
    "node": gettext_noop("Node"),
}
NOT_RECORDED_TEXT = gettext_noop("Not recorded")


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A row of the page; `cause` and its meaning are in words, and empty while it is open; `moment_url` shows the fleet
    at its end."""

    session: ClientSession
    cause: str
    meaning: str
    client_url: str
    moment_url: str


def sessions_page(query: QueryDict, now: datetime) -> dict[str, Any]:
    """The template's context. Raises UnknownPeriodError for a place that is none."""
    search = SessionSearch.of(query, now)
    before = query.get("before")
    try:
        page = find(search, parse_place(before) if before else None)
    except ValueError as error:
        raise UnknownPeriodError(str(error)) from None
    add_totals(page.rows)
    rows = [shown_session(row) for row in page.rows]
    return {
        "search": search,
        "problems": ". ".join(problem_text(one) for one in search.problems),
        "filtered": not search.is_empty,
        "choices": _choices(search),
        "rows": rows,
        "shows": {
            "user": any(row.user for row in page.rows),
            "room": any(row.room for row in page.rows),
            "open": any(row.is_open for row in page.rows),
        },
        "totals_at": max((row.totals_at for row in page.rows if row.totals_at), default=None),
        "older": search.query_with(before=place_text(page.older)) if page.older else "",
        "looked_until": page.looked_until,
        "is_continued": bool(before),
        "export": {kind: search.query_with(format=kind) for kind in ("csv", "json")},
    }


def shown_session(session: ClientSession) -> ShownSession:
    client = session.client_id
    return ShownSession(
        session,
        cause=cause_text(session.cause),
        meaning=cause_meaning(session.cause),
        client_url=reverse("avatar_monitoring:client", args=[client]) if client else "",
        moment_url=end_url(session.connected_at, session.disconnected_at) if session.disconnected_at else "",
    )


def _choices(search: SessionSearch) -> list[tuple[str, str, list[Chip]]]:
    """Name, label and chips of each field, without fields in which nothing can be chosen."""
    causes = [
        Chip(
            gettext(NOT_RECORDED_TEXT) if one.cause == NOT_RECORDED else cause_text(one.cause),
            search.toggled("cause", one.cause).query,
            one.cause in search.values("cause"),
            f"{one.number}+" if one.is_least else one.number,
        )
        for one in (cause_counts(search) if search.has_departures else ())
        if one.cause != NOT_RECORDED or one.number
    ]
    is_open = [Chip(gettext("Still open"), replace(search, only_open=not search.only_open).query, search.only_open)]
    ranges = [
        Chip(gettext(label), search.toggled_range(name).query, search.range_name == name)
        for name, label in RANGE_LABELS.items()
    ]
    names = [(name, gettext(label), list(_chosen(search, name))) for name, label in NAMED.items()]
    found = [("cause", gettext("Cause"), causes), *names]
    found += [("open", gettext("State"), is_open), ("range", gettext("Period"), ranges)]
    return [one for one in found if one[2]]


def _chosen(search: SessionSearch, name: str) -> Iterable[Chip]:
    """Chips that take chosen names away again."""
    for value in search.values(name):
        yield Chip(value, search.toggled(name, value).query, is_on=True)
