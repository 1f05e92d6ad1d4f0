"""What each field of a sample is: how the values of several nodes become one, and what people call it.

A field that is counted appears in storage, exports, series, on the trends page and in /metrics because it is described
here; `sample` refuses to be imported while one is not. So a new counter is a line in `sample.Counts`, a line in FACTS,
what counts it, and the migration that adds its column.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """Whom a level describes. All nodes of a host read the same for that host."""

    NODE = "node"
    HOST = "host"


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """What people read from one field, or from several that share a quantity: its label and unit on pages.

    `name` identifies it in addresses; by default it is that of its first field. The trends page has a chart of it if it
    is `charted`.
    """

    label: str
    unit: str = ""
    name: str = ""
    charted: bool = True


@dataclass(frozen=True, slots=True)
class Counter:
    """A plain count, added over time and over nodes; its quantity is a rate.

    `measure` is its name in /metrics, without prefix and unit, `meaning` its HELP line, and `counts` its unit there.
    """

    quantity: Quantity
    measure: str
    meaning: str
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A gauge of what is there at any moment, read once an interval.

    The levels of several owners at one moment are `added`, or else averaged; added ones are never below zero. `measure`
    is the one in /metrics that shows it.
    """

    quantity: Quantity
    measure: str
    of: Owner
    added: bool = False


@dataclass(frozen=True, slots=True)
class OfClients:
    """A gauge with the value of each client once a second, so that nodes are already weighed by their clients."""

    quantity: Quantity
    measure: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """A sketch of what clients measured, merged over time and over nodes."""

    quantity: Quantity
    measure: str


Fact = Counter | Level | OfClients | Distribution

MESSAGES = Quantity("Messages", "/s", "messages_per_second")
LATENCY = Quantity("Latency", "ms")

FACTS: dict[str, Fact] = {
    "cpu_percent": Level(Quantity("CPU", "%"), "host_cpu", Owner.HOST),
    "memory_percent": Level(Quantity("Memory", "%"), "host_memory", Owner.HOST),
    "memory_used_mb": Level(Quantity("Memory used", "MB", charted=False), "host_memory_used", Owner.HOST, added=True),
    "network_sent_rate": Level(Quantity("Network sent", "MB/s"), "host_network_sent", Owner.HOST, added=True),
    "network_recv_rate": Level(Quantity("Network received", "MB/s"), "host_network_received", Owner.HOST, added=True),
    "connections": Level(Quantity("Clients"), "connections", Owner.NODE, added=True),
    "connects": Counter(
        Quantity("Connections opened", "/s", charted=False),
        "connections_opened",
        "Clients that have connected since the start.",
    ),
    "disconnects": Counter(
        Quantity("Connections closed", "/s", charted=False),
        "connections_closed",
        "Clients that have disconnected since the start.",
    ),
    "messages": Counter(MESSAGES, "messages_received", "Messages received from clients."),
    "message_rate": Level(MESSAGES, "messages_received", Owner.NODE, added=True),
    "messages_sent": Counter(
        Quantity("Messages sent", "/s", charted=False), "messages_sent", "Messages sent to clients."
    ),
    "bytes_received": Counter(
        Quantity("Bytes received", "B/s", charted=False),
        "received",
        "Bytes of messages received from clients.",
        "bytes",
    ),
    "bytes_sent": Counter(
        Quantity("Bytes sent", "B/s", charted=False), "sent", "Bytes of messages sent to clients.", "bytes"
    ),
    "loop_lag_ms": Level(Quantity("Event loop lag", "ms"), "event_loop_lag", Owner.NODE),
    "journal_lag_seconds": Level(Quantity("Journal lag", "s", charted=False), "journal_lag", Owner.NODE),
    "store_lag_seconds": Level(Quantity("Storing lag", "s", charted=False), "store_lag", Owner.NODE),
    "latency_ms": OfClients(LATENCY, "latency"),
    "latency_sketch": Distribution(LATENCY, "latency"),
    "fps": OfClients(Quantity("Client frame rate", "fps"), "client_frame_rate"),
    "frame_time_sketch": Distribution(Quantity("Client frame time", "ms", "frame_time_ms"), "client_frame_time"),
}
"""The fields by their names, in the order in which people find them."""
