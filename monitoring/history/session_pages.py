"""Pages of sessions: departures and what is still open, the latest event first, however many are stored.

Nothing counts or sorts the whole table. Departures are read along an index of their ends, one index range for each
chosen cause, and open sessions along one of their own. A filter that no index serves (a path, a node, a text) looks at
a limited number of rows, and the page says how far back that reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from monitoring.core.inputs import HIGHEST
from monitoring.history.session_search import CAUSES, NOT_RECORDED, SessionSearch
from monitoring.models import ClientSession
from monitoring.models.session_queries import ClientSessionQuerySet

PAGE_ROWS = 50
MOST_LOOKED_AT = 50_000
"""Rows that one page looks at for a filter that no index serves."""

MOST_NAMED = 20_000
"""Sessions of the chosen clients, users and rooms, those that began last."""

MOST_COUNTED = 10_000
"""Departures of one cause that are counted; more are "at least" as many."""

Place = tuple[datetime, int]
"""When a session ended, or began if it is open, and its number: its place among all, latest first."""


class SessionPage(NamedTuple):
    """A page of rows; `older` is where the next one begins, None at the end.

    `looked_until` is set if older rows were not looked at, because no index serves the filter.
    """

    rows: list[ClientSession]
    older: Place | None = None
    looked_until: datetime | None = None


class Stretch(NamedTuple):
    """The first places of one kind of session; it may go on after `stopped`."""

    places: list[Place]
    stopped: Place | None = None


class CauseCount(NamedTuple):
    """How many departures have a cause; `is_least` if there may be more."""

    cause: str
    number: int
    is_least: bool


def find(search: SessionSearch, before: Place | None = None, rows: int = PAGE_ROWS) -> SessionPage:
    """The page of what matches after a place, by default the first."""
    stretches = _stretches(search, before, rows + 1)
    stops = [one.stopped for one in stretches if one.stopped]
    stopped = max(stops) if stops else None
    found = sorted((place for one in stretches for place in one.places), reverse=True)
    # Beyond this, rows of a kind that was not looked at so far might come in between.
    known = [place for place in found if stopped is None or place > stopped]
    shown, more = known[:rows], len(known) > rows
    stored = ClientSession.objects.light().in_bulk([number for _, number in shown])
    page = [stored[number] for _, number in shown if number in stored]
    if more:
        return SessionPage(page, shown[-1])
    return SessionPage(page, stopped, stopped[0] if stopped else None)


def cause_counts(search: SessionSearch) -> list[CauseCount]:
    """How many departures in the period have each cause, the other fields as chosen; most first, none left out."""
    if search.is_plain:
        found = [_counted(search, cause) for cause in CAUSES]
    else:
        found = _counted_together(search.with_values("cause", ()))
    chosen = search.values("cause")
    kept = [one for one in found if one.number or one.cause in chosen]
    return sorted(kept, key=lambda one: (-one.number, CAUSES.index(one.cause)))


def _stretches(search: SessionSearch, before: Place | None, limit: int) -> list[Stretch]:
    found = []
    if search.has_departures:
        departures = search.departures()
        if search.is_indexed:
            found.append(_named(search, departures, before, limit))
        else:
            found += [_along(search, one, before, limit) for one in _by_cause(search, departures)]
    if search.has_open:
        found.append(_open(search, before, limit))
    return found


def _by_cause(search: SessionSearch, departures: ClientSessionQuerySet) -> Iterable[ClientSessionQuerySet]:
    if not search.causes:
        return [departures]
    return [departures.of_cause(cause) for cause in search.causes]


def _along(search: SessionSearch, departures: ClientSessionQuerySet, before: Place | None, limit: int) -> Stretch:
    """The first departures along the index of their ends."""
    rest = departures.ended_by_place(before)
    if search.is_plain:
        return Stretch(_places(rest.latest_ends_first(), limit))
    stop = _stop(rest)
    found = _places(search.narrowed(rest.ended_after(stop) if stop else rest).latest_ends_first(), limit)
    return Stretch(found, None if len(found) == limit else stop)


def _stop(rest: ClientSessionQuerySet) -> Place | None:
    """The place after as many rows as may be looked at; None if there are not as many."""
    ends = rest.order_by("-disconnected_at").values_list("disconnected_at", flat=True)
    following = ends[MOST_LOOKED_AT : MOST_LOOKED_AT + 1]
    for end in following:
        assert end is not None
        # Many sessions end at one moment when their node does: then all of them are looked at.
        return (end, 0 if end == ends.first() else HIGHEST)
    return None


def _named(search: SessionSearch, departures: ClientSessionQuerySet, before: Place | None, limit: int) -> Stretch:
    """Departures of the chosen names. They are sorted here, and their causes compared: a database might otherwise walk
    along the index of all ends, or of all causes."""
    latest = search.narrowed(departures).order_by("-connected_at")
    keys = latest.values_list("disconnected_at", "pk", "cause")[:MOST_NAMED]
    rest = (
        (end, number)
        for end, number, cause in keys
        if end is not None
        and (before is None or (end, number) < before)
        and (not search.causes or cause in search.causes)
    )
    return Stretch(sorted(rest, reverse=True)[:limit])


def _open(search: SessionSearch, before: Place | None, limit: int) -> Stretch:
    """Open sessions, by when they began: there are never more than clients."""
    rest = search.narrowed(ClientSession.objects.open())
    if search.is_indexed:
        keys = rest.order_by("-connected_at").values_list("connected_at", "pk")[:MOST_NAMED]
        return Stretch(sorted((place for place in keys if before is None or place < before), reverse=True)[:limit])
    if before is not None:
        rest = rest.older_than(*before)
    return Stretch(list(rest.latest_first().values_list("connected_at", "pk")[:limit]))


def _places(departures: ClientSessionQuerySet, limit: int) -> list[Place]:
    keys = departures.values_list("disconnected_at", "pk")[:limit]
    return [(end, number) for end, number in keys if end is not None]


def _counted(search: SessionSearch, cause: str) -> CauseCount:
    departures = search.departures().of_cause("" if cause == NOT_RECORDED else cause)
    # The ends alone are in the index.
    count = departures.order_by().values("disconnected_at")[: MOST_COUNTED + 1].count()
    return CauseCount(cause, min(count, MOST_COUNTED), count > MOST_COUNTED)


def _counted_together(search: SessionSearch) -> list[CauseCount]:
    """The causes of the latest that match, as many as may be looked at."""
    departures = search.departures()
    if search.is_indexed:
        causes = list(
            search.narrowed(departures).order_by("-connected_at").values_list("cause", flat=True)[:MOST_NAMED]
        )
        is_least = len(causes) == MOST_NAMED
    else:
        stop = _stop(departures)
        found = search.narrowed(departures.ended_after(stop) if stop else departures).latest_ends_first()
        causes = list(found.values_list("cause", flat=True)[:MOST_COUNTED])
        is_least = stop is not None or len(causes) == MOST_COUNTED
    numbers = {cause: causes.count("" if cause == NOT_RECORDED else cause) for cause in CAUSES}
    return [CauseCount(cause, number, is_least) for cause, number in numbers.items() if number]
