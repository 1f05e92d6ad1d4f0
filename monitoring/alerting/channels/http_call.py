"""One HTTP request to an address that an operator entered: bounded in time and size, and never sent elsewhere."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from monitoring.alerting.channels.answer import SendResult, failed, is_permanent_status, sent

SECONDS = 10.0
"""For the whole call, name look-up and TLS included; a receiver that sends single bytes gets no more."""

MOST_BYTES = 4_096
"""Of the answer's body; the rest is not read."""

USER_AGENT = "avatar-monitoring"


class Reply(NamedTuple):
    status: int
    reason: str
    retry_after: float | None
    body: bytes


class CallFailedError(Exception):
    """There was no answer. The text says why, without the address."""


def call(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Reply:
    """The answer to a GET, or to a POST of the body, whatever its status. Raises CallFailedError.

    Redirects are answers like any other. A user and password in the URL go into the header Authorization.
    """
    guard = _Guard(seconds)
    request = _request(url, body, headers or {})
    try:
        with guard.running(), guard.opener().open(request, timeout=seconds) as response:
            # Headers that were broken off look like short ones.
            guard.check()
            return _reply(response.status, response.reason, response.headers, _body(response))
    except HTTPError as error:
        with error:
            guard.check()
            return _reply(error.code, error.reason, error.headers, b"")
    except (OSError, http.client.HTTPException, ValueError) as error:
        guard.check()
        raise CallFailedError(_why(error)) from None


def as_answer(url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> SendResult:
    """What a POST to a receiver means for the notice."""
    try:
        reply = call(url, body, headers, seconds)
    except CallFailedError as error:
        return failed(str(error))
    text = f"{reply.status} {reply.reason}".strip()
    if 200 <= reply.status < 300:
        return sent(text)
    if 300 <= reply.status < 400:
        text += ": it sends us to another address, where notices do not follow"
    return failed(text, is_permanent=is_permanent_status(reply.status), retry_after=reply.retry_after)


def _request(url: str, body: bytes | None, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(url)
    given = {"User-Agent": USER_AGENT, "Connection": "close", **headers}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        given["Authorization"] = "Basic " + b64encode(user.encode()).decode()
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return Request(url, body, given, method="GET" if body is None else "POST")


def _reply(status: int, reason: str, headers: Any, body: bytes) -> Reply:
    return Reply(status, " ".join(str(reason).split()), _seconds(headers.get("Retry-After")), body)


def _body(response: Any) -> bytes:
    """Its beginning, or less: who has said that it took the notice has taken it, whatever happens after that."""
    try:
        return bytes(response.read(MOST_BYTES))
    except (OSError, http.client.HTTPException, ValueError):
        return b""


def _seconds(retry_after: str | None) -> float | None:
    """How long that is from now: the header has seconds, or a date."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after.strip()[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(reason, socket.gaierror):
        return "the name of its host is not known"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(reason).__name__


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Guard:
    """Breaks the connection off when the time is over, however slowly its bytes arrive."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self.is_over = seconds, False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._break_off)
        self._timer.daemon = True

    @contextmanager
    def running(self) -> Iterator[None]:
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()

    def check(self) -> None:
        """Raises CallFailedError if the time is over."""
        if self.is_over:
            raise CallFailedError(f"no answer within {self._seconds:g} s") from None

    def opener(self) -> OpenerDirector:
        guard = self

        class Plain(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                guard.watch(self.sock)

        class Encrypted(http.client.HTTPSConnection):
            def connect(self) -> None:
                # Not that of HTTPSConnection, which only returns after the handshake.
                http.client.HTTPConnection.connect(self)
                name = getattr(self, "_tunnel_host", None) or self.host
                tls = ssl.create_default_context()
                encrypted = tls.wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
                self.sock = encrypted
                guard.watch(encrypted)
                encrypted.do_handshake()

        class PlainHandler(HTTPHandler):
            def http_open(self, request: Request) -> Any:
                return self.do_open(Plain, request)

        class EncryptedHandler(HTTPSHandler):
            def https_open(self, request: Request) -> Any:
                return self.do_open(Encrypted, request)

        return build_opener(_NoRedirects, PlainHandler, EncryptedHandler)

    def watch(self, one: socket.socket) -> None:
        self._sockets.append(one)
        if self.is_over:
            self._break_off()

    def _break_off(self) -> None:
        self.is_over = True
        for one in self._sockets:
            try:
                # Not that of an SSLSocket, which takes its state away from under the thread that shakes hands.
                socket.socket.shutdown(one, socket.SHUT_RDWR)
            except OSError:
                continue  # It is closed already.
