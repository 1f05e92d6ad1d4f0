"""Limits daphne's HTTP. By itself daphne accepts bodies of any length and waits forever for the rest of a request.

This reaches into classes of daphne and Twisted that may change, so `install` first checks that they are as expected. A
WebSocket begins as a request and is limited here until its handshake is complete.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from daphne import access, http_protocol, server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import reactor as installed
from twisted.internet.error import ConnectionAborted
from twisted.python import failure
from twisted.web import http

from avatar_site.front.door import Door, Refusal
from avatar_site.front.front import MOST_BODY
from avatar_site.front.hall import Hall
from avatar_site.logs.redaction import redacted

logger = logging.getLogger(__name__)
accesses = logging.getLogger("daphne.access")

HEADER_SECONDS = 10.0
"""From the connection, or from the first line of a later request, to the last header."""

BODY_SECONDS = 30.0
IDLE_SECONDS = 75.0
"""Between two requests on a connection; proxies close theirs after 60 s."""

DAPHNES_DAY, NEVER = 86_400, -1
"""After a day daphne closes every WebSocket, however busy, unless `--websocket_timeout` says otherwise."""

LINGER_SECONDS, LINGER_BYTES = 2.0, 1024 * 1024
"""How long a refused peer is still read: closing while it sends would lose the answer."""

REASONS = {408: "Request Timeout", 413: "Content Too Large", 429: "Too Many Requests", 503: "Service Unavailable"}

# Twisted's module of this name stands for the installed reactor.
reactor: Any = installed
# Its types date from before Twisted had any.
HTTPChannel: Any = http.HTTPChannel
Failure: Any = failure.Failure


class BoundedChannel(HTTPChannel):
    """One connection while it speaks HTTP."""

    hall: Hall
    transport: Any
    address = ""
    refused = False
    _deadline: Any = None
    _inside = False
    _heard = False
    _lingered = 0
    _unread = 0

    def connectionMade(self) -> None:  # noqa: N802  (Twisted's names)
        super().connectionMade()
        self.address = str(getattr(self.transport.getPeer(), "host", "") or "")
        self._inside = True
        refusal = self.hall.enter(self.address)
        if refusal is not None:
            self.refuse(refusal)
            return
        self.hall.wait(self)
        self.allow(HEADER_SECONDS)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.leave()
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self.refused:
            self._heard = True
            super().dataReceived(data)
            return
        self._lingered += len(data)
        if self._lingered > LINGER_BYTES:
            self.drop()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self._heard = False
        if self._inside and not self.refused:
            self.hall.wait(self)
            self.allow(IDLE_SECONDS)
        super().requestDone(request)

    def _send100Continue(self) -> None:  # noqa: N802
        if not self.refused:
            super()._send100Continue()

    def allow(self, seconds: float | None) -> None:
        """Gives the peer this many seconds for its next step; None means no limit."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None if seconds is None else reactor.callLater(seconds, self._late)

    def asked(self) -> None:
        """The request is complete."""
        self.hall.stop_waiting(self)
        self.allow(None)

    def leave(self) -> None:
        """It is no longer an HTTP connection."""
        self.asked()
        if self._inside:
            self._inside = False
            self.hall.leave(self.address)

    def refuse(self, refusal: Refusal) -> None:
        """Answers and stops listening; whatever the peer still sends is discarded."""
        if self.refused or self.transport is None:
            return
        self.refused = True
        self.hall.stop_waiting(self)
        self.hall.door.refused(refusal, self.address)
        body = refusal.reason.encode() + b"\n"
        head = f"HTTP/1.1 {refusal.status} {REASONS[refusal.status]}\r\nContent-Type: text/plain\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self.allow(LINGER_SECONDS)
        if hasattr(self.transport, "loseWriteConnection"):
            self.transport.loseWriteConnection()

    def drop(self) -> None:
        if self.transport is not None:
            self.transport.abortConnection()

    def drop_at_once(self) -> None:
        """Frees its descriptor before returning; a hundred may be accepted in one turn of the reactor."""
        if hasattr(self.transport, "wrappedProtocol"):
            self.drop()
            return
        self.transport.stopReading()
        self.transport.stopWriting()
        self.transport.connectionLost(Failure(ConnectionAborted()))

    def _late(self) -> None:
        unread = self._unsent()
        if not self.refused and 0 < unread != self._unread:
            # The last answer is still on its way, and the peer is reading it.
            self._unread = unread
            self.allow(IDLE_SECONDS)
        elif self.refused or not self._heard:
            self.drop()
        else:
            self.refuse(Refusal(408, "slow", "the request took too long to arrive"))

    def _unsent(self) -> int:
        transport: Any = self.transport
        while hasattr(transport, "wrappedProtocol"):
            transport = transport.transport
        buffered, waiting = getattr(transport, "dataBuffer", b""), getattr(transport, "_tempDataLen", 0)
        return len(buffered) - getattr(transport, "offset", 0) + waiting


class BoundedRequest(WebRequest):
    """One request on a BoundedChannel."""

    def __init__(self, channel: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self._taken = 0
        channel.allow(HEADER_SECONDS)

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        if length is not None and length > MOST_BODY:
            self._too_long()
            length = 0
        else:
            self.channel.allow(BODY_SECONDS)
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._taken += len(data)
        if self._taken > MOST_BODY:
            self._too_long()
        if not self.channel.refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        channel = self.channel
        if channel.refused:
            return None
        channel.asked()
        processing = super().process()
        if self.transport is None:
            # It was handed over to the WebSocket.
            channel.leave()
        return processing

    def _too_long(self) -> None:
        self.channel.refuse(Refusal(413, "body", f"at most {MOST_BODY} bytes are allowed"))


def _write_entry(self: Any, host: Any, date: Any, request: str, status: Any = None, length: Any = None) -> None:
    """Writes an entry of daphne's access log as a log event, or to the file in `--access-log`."""
    if self.stream in (sys.stdout, sys.__stdout__):
        accesses.info('%s "%s" %s %s', host, request, status or "-", length or "-")
    else:
        stamp = date.strftime("%d/%b/%Y:%H:%M:%S")
        self.stream.write(redacted(f'{host} - - [{stamp}] "{request}" {status or "-"} {length or "-"}\n'))


def install(door: Door) -> None:
    """Makes the daphne server, which is not created yet, serve HTTP within these limits; logs once if it cannot."""
    generic = getattr(http, "_GenericHTTPChannelProtocol", None)
    missing = [name for name in ("dataReceived", "requestDone", "_send100Continue") if not hasattr(HTTPChannel, name)]
    if generic is None or missing or getattr(server, "HTTPFactory", None) is not http_protocol.HTTPFactory:
        logger.warning("HTTP requests are not limited: daphne or Twisted has changed")
        return
    hall = Hall(door)

    def channel() -> Any:
        inner = BoundedChannel()
        inner.hall = hall
        return generic(inner)

    class BoundedFactory(HTTPFactory):
        protocol = staticmethod(channel)

        def __init__(self, server: Any) -> None:
            if server.websocket_timeout == DAPHNES_DAY:
                server.websocket_timeout = NEVER
            super().__init__(server)

        def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
            protocol = super().buildProtocol(addr)
            protocol.requestFactory = BoundedRequest
            return protocol

    server.HTTPFactory = BoundedFactory
    access.AccessLogGenerator.write_entry = _write_entry
