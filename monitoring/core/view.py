"""Which clients a viewer sees: one search, one order and one way to cut pages, for the present and for the past."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from heapq import nlargest, nsmallest
from operator import itemgetter
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from monitoring.core import address_masks
from monitoring.core.address_masks import Mask
from monitoring.core.browser_family import browser_of
from monitoring.core.client_names import folded
from monitoring.core.client_order import DURATION, NEVER_UNKNOWN, SORT_KEYS, value_of_client, value_of_row
from monitoring.core.client_row import NOBODY_LOOKED, row
from monitoring.core.client_states import CLIENT_STATES
from monitoring.core.inputs import echo, plain_text
from monitoring.core.metrics import ClientMetrics
from monitoring.core.standing import Standing
from monitoring.core.verdicts import Judgement, Verdict

T = TypeVar("T")

MAX_ROWS = 100
MAX_OFFSET = 100_000
LONGEST_SEARCH = 64

VERDICTS = tuple(verdict.value for verdict in Verdict)
NOT_JUDGED = Judgement()


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the client list: `sort` is a row's key, descending with a leading "-"; `search` is part of a name, of
    its address or of its path; `verdict` and `state` leave only clients that have this one. A `masked` view's
    search knows as much of addresses as people see who lack the permission for them.

    Nodes of an older release refuse a view with a key that they do not know, so one is sent without those that it does
    not need.

    Raises ValueError for values that are not allowed; the text names the parameter, its value and what is allowed.
    """

    SORTS: ClassVar[Collection[str]] = SORT_KEYS

    sort: str = "client_id"
    search: str = ""
    offset: int = 0
    limit: int = MAX_ROWS
    verdict: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    masked: bool | msgspec.UnsetType = msgspec.UNSET

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
        if self.state is not msgspec.UNSET and self.state not in CLIENT_STATES:
            raise ValueError(f"state={echo(self.state)}: must be one of {', '.join(CLIENT_STATES)}")

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

    def chosen(self, clients: Collection[ClientMetrics], standing: Standing, now: float) -> Collection[ClientMetrics]:
        """Those of the clients that have the wanted verdict and state; those that were not judged yet are unknown."""
        verdict, state = self.verdict, self.state
        if verdict is not msgspec.UNSET:
            clients = [client for client in clients if (client.judgement or NOT_JUDGED).verdict == verdict]
        if state is not msgspec.UNSET:
            each = standing.states_of_each(clients, now)
            clients = [client for client, states in zip(clients, each, strict=True) if state in states]
        return clients

    def found(self, items: Collection[Named]) -> Collection[Named]:
        """The items whose names contain the search text, ignoring case."""
        wanted = folded(self.search.strip())
        if not wanted:
            return items
        names = masked_names_of if self.masked is True else names_of
        return [item for item in items if wanted in folded(names(item))]

    def first(self, items: Collection[T], value: Callable[[T], Any], *, may_be_unknown: bool = True) -> list[T]:
        """The items up to the page's last one, in the view's order.

        Unknown values are None, and come last in either direction. Between equal values the order of the items
        decides, in either direction: by node, and on a node in the order in which they connected.
        """
        last = self.offset + self.limit
        if not may_be_unknown:
            return self._cut(items, last, value)
        known, unknown = [], []
        for item in items:
            found = value(item)
            if found is None:
                unknown.append(item)
            else:
                known.append((found, item))
        chosen = [item for _, item in self._cut(known, last, itemgetter(0))]
        return chosen + unknown[: last - len(chosen)]

    def _cut(self, items: Collection[T], last: int, value: Callable[[T], Any]) -> list[T]:
        if len(items) <= last:
            return sorted(items, key=value, reverse=self.descending)
        # They keep equal items in their order, as sorted() does.
        return (nlargest if self.descending else nsmallest)(last, items, key=value)


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

    @property
    def path(self) -> str: ...

    @property
    def remote(self) -> str: ...


Named = TypeVar("Named", bound=HasNames)


def names_of(client: HasNames, mask: Mask = str) -> str:
    """Everything that a client is found by; no search contains the separator. Of its address, it is what is kept."""
    agent = client.user_agent
    browser = (browser_of(agent).shown or "") if agent else ""
    remote = mask(client.remote or "")
    return f"{client.client_id}\0{client.user or ''}\0{client.room or ''}\0{browser}\0{remote}\0{client.path}"


masked_names_of = partial(names_of, mask=address_masks.masked)


class Rows(msgspec.Struct):
    """The first rows of a view on one node without the `skipped` ones, and how many match its search."""

    matched: int
    rows: list[dict[str, Any]]
    skipped: int = 0


def select(
    clients: dict[str, ClientMetrics],
    view: View,
    now: float,
    node: str,
    *,
    alone: bool = False,
    ahead: float = 0.0,
    standing: Standing = NOBODY_LOOKED,
) -> Rows:
    """The rows up to the view's last one, in its order; the fleet's page is cut from all nodes' rows by `page`.

    If the node is alone, the rows before the view's first one are left out, because they belong to no page then.
    """
    matching = view.found(view.chosen(clients.values(), standing, now))
    value = value_of_client(view.compared, matching, standing, now)
    chosen = view.first(matching, value, may_be_unknown=view.compared not in NEVER_UNKNOWN)
    skipped = view.offset if alone else 0
    return Rows(len(matching), [row(client, now, node, ahead, standing) for client in chosen[skipped:]], skipped)


def page(parts: list[Rows], view: View) -> Rows:
    """The view's page of several nodes' rows, of which none was left out, or of one node's alone."""
    rows = [row for part in parts for row in part.rows]
    first = view.offset
    if len(parts) > 1:
        rows = view.first(sorted(rows, key=itemgetter("node")), value_of_row(view.compared))
    elif parts:
        first -= parts[0].skipped
    return Rows(sum(part.matched for part in parts), rows[first : first + view.limit])
