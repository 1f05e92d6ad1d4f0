"""What a consumer may report about its own connection, whether that is monitored or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs

from monitoring.core.client_names import Client, is_id, names_in, normal, random_client_id
from monitoring.core.heartbeat import Pinged

if TYPE_CHECKING:
    from monitoring.core.telemetry import Telemetry

SCOPE_KEY = "avatar_monitoring.connection"
"""The key in the scope where `connection_of` finds the connection."""

Scope = Mapping[str, Any]


def given_client_id(scope: Scope) -> str:
    """The client_id in the URL's query, whether it can be taken or not; empty if there is none."""
    query = scope.get("query_string", b"")
    # Most URLs have none, and parsing costs more than looking.
    if b"client_id=" not in query:
        return ""
    return normal(parse_qs(query.decode("utf-8", "replace")).get("client_id", [""])[-1])


def requested_client_id(scope: Scope) -> str | None:
    """The valid client_id in the URL's query, None if there is none."""
    given = given_client_id(scope)
    return given if is_id(given) else None


class Monitored(Protocol):
    """What a consumer may report about its connection; `connection_of(scope)` returns it."""

    client_id: str

    def identify(self, id: Any = None, user: Any = None, room: Any = None) -> None:  # noqa: A002 - as in Client
        """Says who the client is, at any time and from any thread; None leaves a name as it is.

        An id that another client has gets a number: `ann#2`. An empty `user` or `room` is none. What cannot be taken is
        logged; see `Client` for what can.
        """

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

    def refused(self, messages: int = 1) -> None:
        """The consumer has refused so many of the client's messages; 0 says that it counts them."""

    def telemetry(self, told: Telemetry) -> None:
        """The client library reported how its page draws and what else it knows."""

    def misreported(self, why: str) -> None:
        """The client library's report cannot be taken, for this reason."""

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

    def identify(self, id: Any = None, user: Any = None, room: Any = None) -> None:  # noqa: A002 - as in Client
        """Only the id is kept."""
        names, _ = names_in(Client(id, user, room))
        self.client_id = names.id or self.client_id

    def turned_away(self) -> None:
        """Nothing would have been recorded."""

    def latency(self, milliseconds: float) -> None:
        """Ignored."""

    def frames(self, fps: float, frame_time_ms: float, **more: Any) -> None:
        """Ignored."""

    def refused(self, messages: int = 1) -> None:
        """Ignored."""

    def telemetry(self, told: Telemetry) -> None:
        """Ignored."""

    def misreported(self, why: str) -> None:
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
