"""The clients whose pages are open: what they do is kept second by second."""

from __future__ import annotations

from collections.abc import Iterable

MOST_LOOKED_AT = 100
"""Limit for one node, so that many open pages do not make a tick long; further clients have steps of ten seconds."""


class LookedAt:
    """Which clients somebody looks at, on this node or on another, until when by the collector's clock."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def __contains__(self, client_id: str) -> bool:
        return client_id in self._until

    def look(self, client_ids: Iterable[str], until: float) -> None:
        """Somebody looks at these clients; whoever goes on looking says so again before it is over."""
        for client_id in client_ids:
            if client_id in self._until or len(self._until) < MOST_LOOKED_AT:
                self._until[client_id] = max(until, self._until.get(client_id, until))

    def at(self, now: float) -> list[str]:
        """The clients that are looked at now."""
        if self._until and min(self._until.values()) < now:
            self._until = {client_id: until for client_id, until in self._until.items() if until >= now}
        return list(self._until)
