"""Which rows of the client list a viewer watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nlargest, nsmallest
from operator import attrgetter
from typing import Any

import msgspec

from monitoring.core.inputs import echo, plain_text
from monitoring.core.metrics import ClientMetrics

MAX_ROWS = 100
MAX_OFFSET = 100_000
LONGEST_SEARCH = 64

_AS_THEY_ARE = (
    "client_id", "connected_at", "message_count", "bytes_sent", "bytes_received", "last_message_time",
    "average_latency_ms",
)  # fmt: skip

SORT_KEYS: dict[str, Callable[[ClientMetrics], Any]] = {
    **{name: attrgetter(name) for name in _AS_THEY_ARE},
    "connection_duration": lambda client: -client.connected_at,
    "fps": lambda client: -1.0 if client.fps is None else client.fps,
    "node": lambda _: "",  # the same for all clients of a node; `page` sorts the nodes
}


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the client list: `sort` is a row's key, descending with a leading "-"; `search` is part of an id."""

    sort: str = "client_id"
    search: str = ""
    offset: int = 0
    limit: int = MAX_ROWS

    def __post_init__(self) -> None:
        if self.key not in SORT_KEYS:
            raise ValueError(
                f"sort={echo(self.sort)}: must be one of {', '.join(SORT_KEYS)}, with or without a leading -"
            )
        try:
            plain_text(self.search, LONGEST_SEARCH)
        except ValueError as error:
            raise ValueError(f"search={echo(self.search)}: must be {error}") from None
        if not 0 <= self.offset <= MAX_OFFSET:
            raise ValueError(f"offset={self.offset}: must be 0 to {MAX_OFFSET}")
        if not 1 <= self.limit <= MAX_ROWS:
            raise ValueError(f"limit={self.limit}: must be 1 to {MAX_ROWS}")

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")


class Rows(msgspec.Struct):
    """The first rows of a view on one node without the `skipped` ones, and how many match its search."""

    matched: int
    rows: list[dict[str, Any]]
    skipped: int = 0


def searched(search: str) -> Callable[[str], bool]:
    """Whether a client's id contains the text, ignoring case: the same now and in the past."""
    wanted = search.lower()
    return lambda client_id: wanted in client_id.lower()


def select(
    clients: dict[str, ClientMetrics], view: View, now: float, node: str, *, alone: bool = False, ahead: float = 0.0
) -> Rows:
    """The rows up to the view's last one, in its order; the fleet's page is cut from all nodes' rows by `page`.

    If the node is alone, the rows before the view's first one are left out, because they belong to no page then.
    """
    matching: Iterable[ClientMetrics] = clients.values()
    matched = len(clients)
    if view.search:
        found_by = searched(view.search)
        matching = [client for client in matching if found_by(client.client_id)]
        matched = len(matching)
    key, last = SORT_KEYS[view.key], view.offset + view.limit
    if matched <= last:
        chosen = sorted(matching, key=key, reverse=view.descending)
    else:
        chosen = (nlargest if view.descending else nsmallest)(last, matching, key=key)
    skipped = view.offset if alone else 0
    return Rows(matched, [row(client, now, node, ahead) for client in chosen[skipped:]], skipped)


def page(parts: list[Rows], view: View) -> Rows:
    """The view's page of several nodes' rows, of which none was left out, or of one node's alone."""
    rows = [row for part in parts for row in part.rows]
    first = view.offset
    if len(parts) > 1:
        rows.sort(key=lambda row: (row[view.key] is not None, row[view.key]), reverse=view.descending)
    elif parts:
        first -= parts[0].skipped
    return Rows(sum(part.matched for part in parts), rows[first : first + view.limit])


def row(client: ClientMetrics, now: float, node: str, ahead: float = 0.0) -> dict[str, Any]:
    """SPEC.md's row of one client, plus its node, frame rate and round trips; None for what was not measured.

    The wall clock may be `ahead` of the clock that took the client's times.
    """
    average, last, p95, jitter = client.latency_samples.figures
    connected_at = client.connected_at
    return {
        "client_id": client.client_id,
        "connected_at": tenths(connected_at + ahead),
        "message_count": client.message_count,
        "bytes_sent": client.bytes_sent,
        "bytes_received": client.bytes_received,
        "last_message_time": tenths(client.last_message_time + ahead),
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


def tenths(seconds: float) -> float:
    """Rounds to one digit. It takes half the time of round(), which computes the exact decimal."""
    return int(seconds * 10 + 0.5) / 10
