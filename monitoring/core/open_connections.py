"""The connections of this node by what their clients are called, so that a client's own connection can be found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitoring.core.connection import Connection


class OpenConnections:
    """Holds at most one connection for each tracked client; one without a connection is known by counts alone."""

    def __init__(self) -> None:
        self._by_client: dict[str, Connection] = {}

    def of(self, client_id: str) -> Connection | None:
        """The client's connection; None if it is not tracked here or has left."""
        return self._by_client.get(client_id)

    def add(self, connection: Connection) -> None:
        """From now on this is the connection of its client, in place of any other."""
        self._by_client[connection.client_id] = connection

    def rename(self, before: str, after: str) -> None:
        """The client that was called `before` is called `after`."""
        connection = self._by_client.pop(before, None)
        if connection is not None:
            self._by_client[after] = connection

    def remove(self, client_id: str) -> None:
        """The client is gone, or another one takes its name."""
        self._by_client.pop(client_id, None)

    def __len__(self) -> int:
        return len(self._by_client)

    def __iter__(self) -> Iterator[Connection]:
        yield from list(self._by_client.values())
