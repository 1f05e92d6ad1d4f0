"""What a consumer may report about its own connection, whether that is monitored or not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from monitoring.core.heartbeat import Pinged

SCOPE_KEY = "avatar_monitoring.connection"
"""The key in the scope where `connection_of` finds the connection."""

CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

Scope = Mapping[str, Any]


def requested_client_id(scope: Scope) -> str | None:
    """The valid client_id in the URL's query, None if there is none."""
    values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("client_id", [""])
    return values[-1] if CLIENT_ID.fullmatch(values[-1]) else None


class Monitored(Protocol):
    """What a consumer may report about its connection; `connection_of(scope)` returns it."""

    client_id: str

    def turned_away(self) -> None:
        """The connection is refused: nothing is recorded, even if it is accepted only to be told why."""

    def latency(self, milliseconds: float) -> None:
        """A round trip to the client was measured."""

    def frames(
        self,
        fps: float,
        frame_time_ms: float,
        *,
        low_fps: float | None = None,
        long_frames: int | None = None,
        hidden: bool = False,
    ) -> None:
        """The client reported how it draws; see `MetricsCollector.track_client_rendered_frames`."""

    def sent_bytes(self, size: int) -> None:
        """A message of this many bytes went to the client by its link, bypassing ASGI's send."""

    def pinged_by(self, pinged: Pinged) -> None:
        """Makes the consumer ping its client every five seconds, if the server cannot do it by itself."""

    def end(self, code: int, ended: str) -> None:
        """Counts the connection as ended for this cause, even while its socket is still being closed; its name is
        free."""


class Unmonitored:
    """Used when nothing is recorded."""

    def __init__(self, scope: Scope) -> None:
        self.client_id = requested_client_id(scope) or random_client_id()

    def turned_away(self) -> None:
        """Nothing would have been recorded."""

    def latency(self, milliseconds: float) -> None:
        """Ignored."""

    def frames(self, fps: float, frame_time_ms: float, **more: Any) -> None:
        """Ignored."""

    def sent_bytes(self, size: int) -> None:
        """Ignored."""

    def pinged_by(self, pinged: Pinged) -> None:
        """Ignored."""

    def end(self, code: int, ended: str) -> None:
        """Nothing was recorded."""


def connection_of(scope: Scope) -> Monitored:
    """The consumer's side of its connection; if nothing is recorded, one that records nothing."""
    monitored: Monitored | None = scope.get(SCOPE_KEY)
    return monitored or Unmonitored(scope)


def random_client_id() -> str:
    return uuid.uuid4().hex[:12]
