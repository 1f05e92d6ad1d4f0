"""What a server knows and can do about one connection beyond ASGI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

SCOPE_KEY = "avatar_monitoring.link"

TOO_SLOW = "dropped: reads too slowly"
"""Why a server dropped a connection that does not read."""

FLOOD, TOO_LONG, PROTOCOL_ERROR = "dropped: too many frames", "dropped: message too long", "dropped: protocol error"
"""Why a server dropped a connection that sends what it may not."""

RESET, TIMED_OUT = "reset", "timed out"
"""Why TCP gave a connection up: the peer reset it, or did not answer any more."""


class Link(Protocol):
    """One connection, seen from its server; stored under SCOPE_KEY in the scope if the server offers it."""

    tells: bool
    """Whether the server reports messages and the end; if not, `on_message` and `on_closed` are never called."""
    measures: bool
    """Whether `ping` measures round trips; if not, it does nothing and `on_round_trip` is never called."""
    dropped: str
    """Why the server itself dropped the connection, empty if it has not."""
    lost: str
    """Why the connection broke, as far as the server tells: RESET, TIMED_OUT or empty."""
    own_ping_seconds: float | None
    """How often the server itself pings a client that is silent; None if it does not."""
    on_message: Callable[[int], None]
    """Called with the bytes of each message that arrives, before its consumer gets it."""
    on_round_trip: Callable[[float], None]
    """Called with the milliseconds of each answered ping."""
    on_closed: Callable[[int | None], None]
    """Called with the close code when the peer has gone."""

    def unsent(self) -> int:
        """Bytes that wait in this process because the peer does not read them."""

    def pauses(self) -> int | None:
        """How often reading was paused because messages came faster than they were handled; None if nobody counts."""

    def write(self, ws_frame: bytes) -> None:
        """Sends a whole WebSocket frame, without waiting."""

    def ping(self) -> None:
        """Measures a round trip with a WebSocket ping, which every client answers by itself."""

    def unanswered_ms(self) -> float | None:
        """For how long a ping has been waiting for its answer; None if none is, or if the answer may wait here."""

    def abort(self) -> None:
        """Drops the connection and everything unsent."""

    def not_received(self) -> Any:
        """The `websocket.disconnect` that the application was sent and has not received; None if there is none."""


def link_of(scope: Any) -> Link | None:
    """The connection's link, None under a server that offers none."""
    link: Link | None = scope.get(SCOPE_KEY)
    return link


def nobody_listens(_value: object) -> None:
    """The callback until somebody sets one."""


REFUSALS = (
    "origin", "name", "ticket", "in_use", "not_signed_in", "not_allowed", "address", "connections", "descriptors",
    "slow", "body", "application",
)  # fmt: skip
"""Why a connection may be refused; any other cause counts as the last, so that the list stays this long."""


@dataclass(slots=True)
class ProtectionCounters:
    """What has protected the server: counts since its start."""

    paused_reads: int = 0
    """Connections whose reading was paused because their messages came faster than they were handled."""
    closed_slow: int = 0
    """Connections that were dropped because they did not read what was sent."""
    refused_messages: int = 0
    """Messages that were too many, too long or not understood."""
    refused: dict[str, int] = field(default_factory=dict)
    """Refused connections, by one of REFUSALS."""

    def refuse(self, cause: str) -> None:
        """Counts a refused connection."""
        cause = cause if cause in REFUSALS else REFUSALS[-1]
        self.refused[cause] = self.refused.get(cause, 0) + 1
