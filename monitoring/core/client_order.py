"""What clients are sorted by: the value of each key, of a client on its node and of a row that came from one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any

from monitoring.core.browser_family import browser_of
from monitoring.core.client_names import folded
from monitoring.core.client_states import SEVERITY
from monitoring.core.metrics import ClientMetrics
from monitoring.core.standing import Standing
from monitoring.core.verdicts import Verdict

DURATION = "connection_duration"

LONG_KNOWN_KEYS = (
    "client_id", "connected_at", "message_count", "bytes_sent", "bytes_received", "last_message_time",
    "average_latency_ms", DURATION, "fps", "node",
)  # fmt: skip
"""Nodes of every release sort by these."""

SORT_KEYS = (
    *LONG_KNOWN_KEYS, "user", "room", "browser", "state", "verdict", "messages_per_second", "latency_ms",
    "p95_latency_ms", "jitter_ms",
)  # fmt: skip
"""The keys that connected clients can be sorted by: those of a row, and its `state`, which is the worst of its
`states`."""

NEVER_UNKNOWN = {"client_id", "connected_at", "message_count", "bytes_sent", "bytes_received", "node", "state"}
ZERO_IS_UNKNOWN = {"average_latency_ms", "last_message_time"}

SMALLEST_SHOWN = 0.005
"""Milliseconds that a row does not round to 0."""

VERDICT_SEVERITY: Mapping[str, int] = {
    verdict: number
    for number, verdict in enumerate(
        (
            Verdict.FINE,
            Verdict.HIDDEN,
            Verdict.CLIENT_BUSY,
            Verdict.NETWORK,
            Verdict.NOT_READING,
            Verdict.SERVER_HANDLER,
            Verdict.SERVER_LOOP,
        )
    )
}
"""How much of the fleet a verdict may be about; more is worse. "unknown" says nothing, and comes last."""

Value = Callable[[Any], Any]
"""What an item is sorted by; None if that is not known."""


def value_of_client(
    key: str, clients: Collection[ClientMetrics], standing: Standing, now: float
) -> Callable[[ClientMetrics], Any]:
    """By the key of a row, for each of these clients of one node."""
    if key == "state":
        each = standing.states_of_each(clients, now)
        found = {client.client_id: SEVERITY[states[0]] for client, states in zip(clients, each, strict=True)}
        return lambda client: found[client.client_id]
    computed: Mapping[str, Callable[[ClientMetrics], Any]] = {
        "node": lambda _: "",  # the same for all clients of a node
        "average_latency_ms": _average,
        "latency_ms": lambda client: client.latency_samples.last,
        "p95_latency_ms": standing.spreads.p95,
        "jitter_ms": standing.spreads.jitter,
        "messages_per_second": lambda client: standing.rates.of(client, now),
        "last_message_time": lambda client: client.last_message_time or None,
        "verdict": lambda client: client.judgement and VERDICT_SEVERITY.get(client.judgement.verdict),
        "user": lambda client: _name(client.user),
        "room": lambda client: _name(client.room),
        "browser": lambda client: _name(browser_of(client.user_agent).shown),
    }
    return computed.get(key) or attrgetter(key)


def value_of_row(key: str) -> Value:
    """Of a row that some node sent; nodes of other releases leave keys out, or know further states."""
    if key == "state":
        return lambda row: SEVERITY.get(row["states"][0]) if row.get("states") else None
    if key == "verdict":
        return lambda row: VERDICT_SEVERITY.get(row.get("verdict"))
    if key in ("user", "room", "browser"):
        return lambda row: _name(row.get(key))
    if key in ZERO_IS_UNKNOWN:
        return lambda row: row[key] or None
    return lambda row: row.get(key)


def _average(client: ClientMetrics) -> float | None:
    average = client.latency_samples.average
    return average if average >= SMALLEST_SHOWN else None


def _name(name: str | None) -> str | None:
    return folded(name) if name else None
