"""uvicorn's side of one WebSocket with `--ws websockets-sansio`: what waits to be sent, and prepared frames.

uvicorn pauses reading and makes `send` wait by itself. It does not report pongs, so round trips are measured by the
application's ping.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monitoring.core.recorder import Receive, Send
from monitoring.core.wire.link import TOO_SLOW, ProtectionCounters, nobody_listens

ATTRIBUTES = ("transport", "conn", "handshake_complete", "close_sent", "disconnected")


class UvicornLink:
    """The part of a link that uvicorn's protocol has."""

    tells = False
    on_message = on_round_trip = on_closed = staticmethod(nobody_listens)

    def __init__(self, protocol: Any, protection: ProtectionCounters) -> None:
        self.dropped = ""
        self._protocol = protocol
        self._protection = protection
        self.unsent: Callable[[], int] = protocol.transport.get_write_buffer_size

    def write(self, ws_frame: bytes) -> None:
        protocol = self._protocol
        if protocol.handshake_complete and not protocol.close_sent and not protocol.disconnected:
            protocol.transport.write(ws_frame)

    def ping(self) -> None:
        """Does nothing: the answer would not be reported."""

    def abort(self) -> None:
        if not self._protocol.transport.is_closing():
            self.dropped = TOO_SLOW
            self._protection.closed_slow += 1
            self._protocol.transport.abort()

    def receiving(self, receive: Receive) -> Receive:
        return receive

    def sending(self, send: Send) -> Send:
        return send


def uvicorn_link(send: Any, protection: ProtectionCounters) -> UvicornLink | None:
    """The connection's link under uvicorn's sans-I/O implementation, None under any other server."""
    protocol = getattr(send, "__self__", None)
    if protocol is None or not all(hasattr(protocol, name) for name in ATTRIBUTES):
        return None
    return UvicornLink(protocol, protection)
