"""Finds stored sessions by what a person chose: the page, its counts and its exports read it alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q
from django.http import QueryDict

from monitoring.core.causes import Cause
from monitoring.core.client_names import all_numbered
from monitoring.history.search_reader import OF_PAGES, SearchReader
from monitoring.history.stored_search import StoredSearch
from monitoring.models import ClientSession
from monitoring.models.session_queries import ClientSessionQuerySet

NOT_RECORDED = "not_recorded"
"""The cause, in a query string, of sessions that an older release has stored."""

CAUSES = (*Cause, NOT_RECORDED)
MANY = ("cause", "client", "user", "room", "path", "node")
"""Fields that may be repeated: a session matches one of the values. In a path `*` stands for one part of it."""

INDEXED = ("client", "user", "room")
"""Fields by which the database finds sessions without looking at others."""


@dataclass(frozen=True, slots=True)
class SessionSearch(StoredSearch):
    """What was asked for of sessions.

    A departure matches a period if it happened in it. Open sessions match every period that has not ended, but no
    cause.
    """

    only_open: bool = False
    has_ended: bool = False

    @classmethod
    def of(cls, query: QueryDict, now: datetime) -> SessionSearch:
        """The search in a query string: cause, client, user, room, path, node, open, text, and range, or from and
        to."""
        reader = SearchReader(query, now, {"cause": CAUSES})
        start, end, range_name = reader.period()
        reader.refuse_unknown((*MANY, "open", *OF_PAGES))
        return cls(
            chosen=tuple((name, values) for name in MANY if (values := reader.values(name))),
            only_open=reader.one_of("open", ("yes",)) == "yes",
            text=reader.text(),
            range_name=range_name,
            start=start,
            end=end,
            has_ended=end is not None and end < now,
            problems=tuple(reader.problems),
        )

    @property
    def switches(self) -> Sequence[tuple[str, str]]:
        return (("open", "yes" if self.only_open else ""),)

    @property
    def causes(self) -> tuple[str, ...]:
        """The chosen causes as they are stored."""
        return tuple("" if one == NOT_RECORDED else one for one in self.values("cause"))

    @property
    def has_departures(self) -> bool:
        return not self.only_open

    @property
    def has_open(self) -> bool:
        return self.only_open or not (self.causes or self.has_ended)

    @property
    def is_indexed(self) -> bool:
        """Whether the database finds what matches by a name."""
        return any(self.values(name) for name in INDEXED)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for nothing but a period and causes."""
        return not (self.text or any(name != "cause" for name, _ in self.chosen))

    def departures(self) -> ClientSessionQuerySet:
        """The sessions that ended in the period, whatever else was asked for."""
        return ClientSession.objects.ended_between(self.start, self.end)

    def narrowed(self, sessions: ClientSessionQuerySet) -> ClientSessionQuerySet:
        """Those of these sessions that match everything else but the causes."""
        found = sessions
        for name, values in self.chosen:
            if name in ("user", "room"):
                found = found.filter(**{f"{name}__in": values})
            elif name == "client":
                found = found.filter(client_id__in=[one for value in values for one in all_numbered(value)])
            elif name == "node":
                found = found.of_nodes(values)
            elif name == "path":
                found = found.filter(reduce(or_, (_path(value) for value in values)))
        if self.text:
            texts = (Q(**{f"{name}__icontains": self.text}) for name in ("client_id", "user", "room", "node"))
            found = found.filter(reduce(or_, texts))
        return found

    def sessions(self) -> ClientSessionQuerySet:
        """All that match, in no order."""
        departures = Q(disconnected_at__isnull=False)
        if self.start:
            departures &= Q(disconnected_at__gte=self.start)
        if self.end:
            departures &= Q(disconnected_at__lt=self.end)
        if self.causes:
            departures &= Q(cause__in=self.causes)
        parts = [departures] if self.has_departures else []
        parts += [Q(disconnected_at__isnull=True)] if self.has_open else []
        return self.narrowed(ClientSession.objects.filter(reduce(or_, parts)))


def _path(value: str) -> Q:
    if "*" not in value:
        return Q(path=value)
    literal, _, _ = value.partition("*")
    return Q(path__startswith=literal, path__regex=f"^{'/'.join(map(_part, value.split('/')))}$")


def _part(text: str) -> str:
    """The regular expression for one part of a path. With one `*` in it at most, no path makes the search for a match
    long, neither here nor in SQLite, whose regular expressions are Python's; a part with more means itself."""
    before, star, after = text.partition("*")
    return f"{re.escape(before)}[^/]+{re.escape(after)}" if star and "*" not in after else re.escape(text)
