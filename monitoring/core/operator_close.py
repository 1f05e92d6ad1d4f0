"""Closes the connection of a client that an operator disconnects."""

from __future__ import annotations

import asyncio

from monitoring.core.collector import MetricsCollector
from monitoring.core.connection import Connection

BY_OPERATOR, DISCONNECTED = 4411, "disconnected by an operator"
"""The code with which it is closed, and how its session ended."""

CLOSING_SECONDS = 2.0
"""How long a close may wait for a client that reads nothing; then its connection is dropped."""


async def disconnect(collector: MetricsCollector, client_id: str) -> bool | None:
    """Closes the client's connection, or drops it if the client reads nothing.

    Returns None if the client is not connected here, and False if its connection can be neither closed nor dropped. The
    application is told as if the client had left; whatever it sends until then goes nowhere.
    """
    connection = collector.connections.of(client_id)
    if connection is None or connection.was_cut:
        return None
    connection.was_cut = True
    connection.closing(BY_OPERATOR, DISCONNECTED)
    is_closed = await _close(collector, connection) or _drop(connection)
    connection.was_cut = is_closed  # otherwise it may be tried again
    return is_closed


async def _close(collector: MetricsCollector, connection: Connection) -> bool:
    if connection.send is None:
        return False
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await connection.send({"type": "websocket.close", "code": BY_OPERATOR, "reason": DISCONNECTED})
    except OSError:
        return False  # the client reads nothing (TimeoutError), or has left meanwhile
    except Exception:
        collector.rescue.failed("disconnecting a client")
        return False
    return True


def _drop(connection: Connection) -> bool:
    link = connection.link
    if link is None:
        return False
    link.abort()
    return True
