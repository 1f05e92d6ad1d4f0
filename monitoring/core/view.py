"""Which clients a viewer sees: one search, one order and one way to cut pages, for the present and for the past."""

from __future__ import annotations

from collections.abc import Callable, Collection
from heapq import nlargest, nsmallest
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from monitoring.core.browser_family import browser_of
from monitoring.core.client_names import normal
from monitoring.core.inputs import echo, plain_text
from monitoring.core.metrics import ClientMetrics
from monitoring.core.verdicts import Judgement, Verdict

T = TypeVar("T")

MAX_ROWS = 100
MAX_OFFSET = 100_000
LONGEST_SEARCH = 64

DURATION = "connection_duration"

SORT_KEYS = (
    "client_id", "connected_at", "message_count", "bytes_sent", "bytes_received", "last_message_time",
    "average_latency_ms", DURATION, "fps", "node",
)  # fmt: skip
"""The keys of a row that connected clients can be sorted by."""

ZERO_IS_UNKNOWN = {"average_latency_ms", "last_message_time"}
MAY_BE_UNKNOWN = {"fps", *ZERO_IS_UNKNOWN}

SMALLEST_SHOWN = 0.005
"""Milliseconds that a row does not round to 0."""


VERDICTS = tuple(verdict.value for verdict in Verdict)
NOT_JUDGED = Judgement()


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the client list: `sort` is a row's key, descending with a leading "-"; `search` is part of a name, and
    `verdict` leaves only clients with this one.

    Nodes of an older release refuse a view with a key that they do not know, so one that wants no verdict is sent
    without it.

    Raises ValueError for values that are not allowed; the text names the parameter, its value and what is allowed.
    """

    SORTS: ClassVar[Collection[str]] = SORT_KEYS

    sort: str = "client_id"
    search: str = ""
    offset: int = 0
    limit: int = MAX_ROWS
    verdict: str | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.key not in self.SORTS:
            raise ValueError(
                f"sort={echo(self.sort)}: must be one of {', '.join(self.SORTS)}, with or without a leading -"
            )
        try:
            plain_text(self.search, LONGEST_SEARCH)
        except ValueError as error:
            raise ValueError(f"search={echo(self.search)}: must be {error}") from None
        if not 0 <= self.offset <= MAX_OFFSET:
            raise ValueError(f"offset={self.offset}: must be 0 to {MAX_OFFSET}")
        if not 1 <= self.limit <= MAX_ROWS:
            raise ValueError(f"limit={self.limit}: must be 1 to {MAX_ROWS}")
        if self.verdict is not msgspec.UNSET and self.verdict not in VERDICTS:
            raise ValueError(f"verdict={echo(self.verdict)}: must be one of {', '.join(VERDICTS)}")

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def compared(self) -> str:
        """The key whose values are compared: who connected first has been there for the longest."""
        return "connected_at" if self.key == DURATION else self.key

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-") != (self.key == DURATION)

    def judged(self, clients: Collection[ClientMetrics]) -> Collection[ClientMetrics]:
        """Those of the clients that have the wanted verdict; those that were not judged yet are unknown."""
        if self.verdict is msgspec.UNSET:
            return clients
        return [client for client in clients if (client.judgement or NOT_JUDGED).verdict == self.verdict]

    def found(self, items: Collection[T], names: Callable[[T], str]) -> Collection[T]:
        """The items whose `names` contain the search text, ignoring case."""
        wanted = normal(self.search).casefold()
        if not wanted:
            return items
        return [item for item in items if wanted in names(item).casefold()]

    def first(self, items: Collection[T], value: Callable[[T], Any], *, may_be_unknown: bool = True) -> list[T]:
        """The items up to the page's last one, in the view's order.

        Unknown values are None, and come last in either direction. Between equal values the order of the items
        decides, in either direction: by node, and on a node in the order in which they connected.
        """
        last = self.offset + self.limit
        known = [item for item in items if value(item) is not None] if may_be_unknown else items
        if len(known) <= last:
            chosen = sorted(known, key=value, reverse=self.descending)
        else:
            # They keep equal items in their order, as sorted() does.
            chosen = (nlargest if self.descending else nsmallest)(last, known, key=value)
        if len(chosen) < min(last, len(items)):
            chosen += [item for item in items if value(item) is None][: last - len(chosen)]
        return chosen


class HasNames(Protocol):
    """A client of the present or of the past."""

    @property
    def client_id(self) -> str: ...

    @property
    def user(self) -> str | None: ...

    @property
    def room(self) -> str | None: ...

    @property
    def user_agent(self) -> str: ...


def names_of(client: HasNames) -> str:
    """Everything that a client is found by; no search contains the separator."""
    browser = browser_of(client.user_agent).shown
    if not client.user and not client.room and not browser:
        return client.client_id
    return "\0".join((client.client_id, client.user or "", client.room or "", browser or ""))


class Rows(msgspec.Struct):
    """The first rows of a view on one node without the `skipped` ones, and how many match its search."""

    matched: int
    rows: list[dict[str, Any]]
    skipped: int = 0


def select(
    clients: dict[str, ClientMetrics], view: View, now: float, node: str, *, alone: bool = False, ahead: float = 0.0
) -> Rows:
    """The rows up to the view's last one, in its order; the fleet's page is cut from all nodes' rows by `page`.

    If the node is alone, the rows before the view's first one are left out, because they belong to no page then.
    """
    matching = view.found(view.judged(clients.values()), names_of)
    chosen = view.first(matching, _value_of_client(view), may_be_unknown=view.key in MAY_BE_UNKNOWN)
    skipped = view.offset if alone else 0
    return Rows(len(matching), [row(client, now, node, ahead) for client in chosen[skipped:]], skipped)


def page(parts: list[Rows], view: View) -> Rows:
    """The view's page of several nodes' rows, of which none was left out, or of one node's alone."""
    rows = [row for part in parts for row in part.rows]
    first = view.offset
    if len(parts) > 1:
        rows = view.first(sorted(rows, key=itemgetter("node")), _known(itemgetter(view.compared), view))
    elif parts:
        first -= parts[0].skipped
    return Rows(sum(part.matched for part in parts), rows[first : first + view.limit])


def _value_of_client(view: View) -> Callable[[ClientMetrics], Any]:
    if view.key == "node":
        return lambda _: ""  # the same for all clients of a node; `page` sorts the nodes
    if view.key == "average_latency_ms":
        return lambda client: average if (average := client.latency_samples.average) >= SMALLEST_SHOWN else None
    return _known(attrgetter(view.compared), view)


def _known(value: Callable[[Any], Any], view: View) -> Callable[[Any], Any]:
    return (lambda item: value(item) or None) if view.key in ZERO_IS_UNKNOWN else value


def row(client: ClientMetrics, now: float, node: str, ahead: float = 0.0) -> dict[str, Any]:
    """SPEC.md's row of one client, plus its node, frame rate and round trips; None for what was not measured.

    It has `user`, `room` and `browser` only if they are known, `evidence` and `sure` only if the verdict is not "fine",
    so that frames stay small.

    The wall clock may be `ahead` of the clock that took the client's times.
    """
    average, last, p95, jitter = client.latency_samples.figures
    connected_at = client.connected_at
    shown: dict[str, Any] = {
        "client_id": client.client_id,
        "connected_at": tenths(connected_at + ahead),
        "message_count": client.message_count,
        "bytes_sent": client.bytes_sent,
        "bytes_received": client.bytes_received,
        "last_message_time": tenths(client.last_message_time + ahead) if client.last_message_time else 0.0,
        "average_latency_ms": average,
        "latency_ms": last,
        "p95_latency_ms": p95,
        "jitter_ms": jitter,
        "connection_duration": tenths(now - connected_at),
        "node": node,
        "fps": client.fps,
        "frame_time_ms": client.frame_time_ms,
        "low_fps": client.low_fps,
        "long_frames": client.long_frames,
        "hidden": client.hidden,
    }
    judgement = client.judgement
    shown["verdict"] = None if judgement is None else judgement.verdict
    if judgement is not None and judgement.verdict is not Verdict.FINE:
        shown["evidence"] = judgement.evidence
        shown["sure"] = judgement.sure
    if client.user is not None:
        shown["user"] = client.user
    if client.room is not None:
        shown["room"] = client.room
    browser = browser_of(client.user_agent).shown
    if browser is not None:
        shown["browser"] = browser
    return shown


def tenths(seconds: float) -> float:
    """Rounds to one digit. It takes half the time of round(), which computes the exact decimal."""
    return int(seconds * 10 + 0.5) / 10
