"""How one connection ends, and why: whoever tells first decides."""

from __future__ import annotations

from monitoring.core.application_errors import described
from monitoring.core.cause_of_leaving import (
    ABNORMAL,
    APPLICATION_FAILED,
    CLIENT_CLOSED,
    CONNECTION_LOST,
    NOT_TOLD,
    SERVER_CLOSED,
    cause_of,
)
from monitoring.core.causes import Cause
from monitoring.core.collector import MetricsCollector
from monitoring.core.forwarding import is_forwarded
from monitoring.core.monitored import Scope
from monitoring.core.named import rescued
from monitoring.core.own_reports import OwnReports
from monitoring.core.records import SERVER_STOPPED
from monitoring.core.wire.link import link_of

NO_STATUS = 1005
"""Closed by a frame without a code (RFC 6455, 7.4.1)."""

SERVICE_RESTART = 1012
"""The code with which uvicorn sends its clients away when it stops."""


class Ending(OwnReports):
    """What is known of a connection's end. Until anybody tells, it is the server that stops."""

    __slots__ = ("_is_forwarded", "_server", "_told", "close_code", "ended", "error", "is_unheard")

    def __init__(self, scope: Scope, collector: MetricsCollector) -> None:
        super().__init__(scope, collector)
        self.close_code: int | None = None
        self.ended = SERVER_STOPPED
        self.error = ""
        self.is_unheard = False
        self._told = False
        self._server = link_of(scope)
        self._is_forwarded = is_forwarded(scope)

    @rescued("describing an application's exception")
    def failed(self, error: BaseException) -> None:
        """The application has raised: because the client had left, if the server said so to its `send` and it had not
        received that yet, or for a reason of its own."""
        if not self.is_unheard:
            is_first = not self._told
            self.closing(1011, APPLICATION_FAILED)
            if is_first:
                self.error = described(error)
        elif (told := None if self._server is None else self._server.not_received()) is not None:
            self.disconnected(told)
        else:
            self.closing(None, NOT_TOLD)

    def returned(self) -> None:
        """The application has ended without an exception: if nobody closed the connection, that did."""
        self.closing(None, SERVER_CLOSED)

    def left(self, code: int | None) -> None:
        """The client has left: by a close frame, or because its connection broke or was dropped by its link."""
        dropped = self._server.dropped if self._server is not None else ""
        if dropped:
            self.closing(code, dropped)
        elif code == ABNORMAL:
            lost = self._server.lost if self._server is not None else ""
            self.closing(code, f"{CONNECTION_LOST}: {lost}" if lost else CONNECTION_LOST)
        else:
            self.closing(NO_STATUS if code is None else code, CLIENT_CLOSED)

    def disconnected(self, message: Scope) -> None:
        """The client has left, as ASGI reports it.

        uvicorn gives the reason of every received close frame, even an empty one: without a reason the connection
        broke, or uvicorn itself closed it. granian never gives one, so the two cases look the same.
        """
        code = message.get("code")
        if "reason" in message or code not in (NO_STATUS, SERVICE_RESTART):
            self.left(code)
        elif code == SERVICE_RESTART:
            self.closing(code, SERVER_STOPPED)
        elif self._server is not None:
            self.left(ABNORMAL)
        else:
            self.closing(None, NOT_TOLD)

    def closing(self, code: int | None, ended: str) -> None:
        """The first to close decides how the connection ended."""
        if not self._told:
            self._told = True
            self.close_code = code
            self.ended = ended

    def cause(self, path: str, ping_seconds: float) -> Cause:
        """Why it ended, now that it has; something was sent at least every so many seconds, if only a ping."""
        cause = cause_of(self.ended, self.close_code)
        return (
            Cause.PROXY_TIMEOUT if cause is Cause.CLIENT_LOST and self._was_cut_by_proxy(path, ping_seconds) else cause
        )

    def _was_cut_by_proxy(self, path: str, ping_seconds: float) -> bool:
        collector = self._collector
        client = collector.client_metrics.get(self.client_id)
        if client is None:
            return False
        now = collector.clock()
        idle = now - max(client.last_message_time, client.last_sent_time)
        if idle >= ping_seconds:
            return False  # Pings went to and fro meanwhile.
        return collector.by_path.departures.is_cut_by_proxy(path, idle, now, forwarded=self._is_forwarded)
