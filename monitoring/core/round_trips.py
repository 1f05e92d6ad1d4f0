"""How a node measures round trips, which not every server can: a page says so where the number would stand."""

from __future__ import annotations

from dataclasses import dataclass

PING_FRAMES, MESSAGES = "ping frames", "messages"


@dataclass(slots=True)
class RoundTrips:
    """How this node measures them, as of its last connection; nothing is known before the first."""

    _known: str | None = None

    def by_server(self) -> None:
        """The server answers with the time of each WebSocket ping."""
        self._known = PING_FRAMES

    def by_application(self) -> None:
        """Clients are asked by a message."""
        self._known = MESSAGES

    def not_by(self, server: str) -> None:
        """The server of this name does not report pongs, and nobody asks clients."""
        if self._known != MESSAGES:
            self._known = f"not reported by {server}"

    def as_text(self) -> str | None:
        """ "ping frames", "messages" or "not reported by …"; None while nothing is known."""
        return self._known
