"""Defaults in the database, for columns that an earlier release does not know: it inserts rows during an upgrade."""

from __future__ import annotations

from typing import Any

OF_THE_FIRST_RELEASE = (
    "messages", "messages_sent", "bytes_received", "bytes_sent", "connects", "disconnects", "connections",
    "message_rate", "cpu_percent", "memory_percent", "memory_used_mb", "network_sent_rate", "network_recv_rate",
    "latency_ms", "fps",
)  # fmt: skip
"""Their columns have no default in the database."""


def in_database(name: str, value: float) -> dict[str, Any]:
    """The options of a field's column; `name` is the field of a sample that it is for."""
    return {} if name in OF_THE_FIRST_RELEASE else {"db_default": value}
