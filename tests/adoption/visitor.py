"""Somebody who visits a host: looks at its pages, signs in its way, and talks with it by WebSocket."""

from __future__ import annotations

import re
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from itertools import cycle
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.adoption.project import OPERATOR
from tests.adoption.recipe import Recipe, Saying
from tests.site import PASSWORD

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
NEW_EACH_TIME = {"date", "expires", "last-modified", "etag", "set-cookie", "content-length"}
"""Headers that differ from one request or start to the next; the length is that of the body, which is compared."""
PAUSE_SECONDS = 0.25

Answer = tuple[int, dict[str, str], bytes]


class Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        """Does not follow: the redirect is the answer."""


class Visitor:
    def __init__(self, recipe: Recipe, address: str) -> None:
        self.recipe = recipe
        self.address = address
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(Redirects, urllib.request.HTTPCookieProcessor(self._jar))

    def get(self, path: str, form: dict[str, str] | None = None) -> Answer:
        data = urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address, "Origin": self.address})
        try:
            answer: HTTPResponse | HTTPError = self._opener.open(request, timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status or 0, headers, answer.read()

    def sign_in(self) -> None:
        status, _, page = self.get(self.recipe.login_page)
        token = TOKEN.search(page)
        assert token, f"{self.recipe.login_page} has no form: {status} {page[:500]!r}"
        form = {"username": OPERATOR, "password": PASSWORD, "csrfmiddlewaretoken": token[1].decode()}
        status, _, page = self.get(self.recipe.login_page, form)
        assert status == 302, page[:2_000]

    def sees(self) -> dict[str, Any]:
        """All that a visitor gets of the host: pages, those after signing in, and what its WebSockets answer."""
        pages = {path: self._compared(path) for path in self.recipe.pages}
        strangers = self.converses() if not self.recipe.socket.signed_in else []
        self.sign_in()
        signed_in = {f"{path} signed in": self._compared(path) for path in self.recipe.signed_in_pages}
        return {**pages, **signed_in, "strangers hear": strangers, "people hear": self.converses()}

    def _compared(self, path: str) -> Answer:
        status, headers, body = self.get(path)
        kept = {name: value.replace(self.address, "") for name, value in headers.items() if name not in NEW_EACH_TIME}
        return status, kept, TOKEN.sub(b"", body)

    def connects(self, client_id: str) -> ClientConnection:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)
        return connect(
            self.address.replace("http", "ws") + self.recipe.socket.address(client_id),
            additional_headers={"Cookie": cookies} if cookies else {},
            origin=self.address,  # type: ignore[arg-type]
            max_size=None,
        )

    def converses(self) -> list[str | bytes]:
        """What the host answers to each message, one of 70,000 characters among them."""
        socket = self.recipe.socket
        with self.connects("conversation") as connection:
            heard = [connection.recv(timeout=20) for _ in range(socket.greetings)]
            for saying in socket.talk:
                connection.send(saying.text)
                heard += [connection.recv(timeout=20) for _ in range(saying.answers)]
        return heard

    @contextmanager
    def talking(self, client_id: str) -> Iterator[None]:
        """A client that says something four times a second, and hears what is answered."""
        ended = threading.Event()
        failures: list[BaseException] = []

        def talk(connection: ClientConnection, sayings: Iterator[Saying]) -> None:
            try:
                while not ended.wait(PAUSE_SECONDS):
                    connection.send(next(sayings).text)
                    _drain(connection)
            except ConnectionClosed as error:
                failures.append(error)

        short = [saying for saying in self.recipe.socket.talk if not saying.is_large]
        with self.connects(client_id) as connection:
            thread = threading.Thread(target=talk, args=[connection, cycle(short)])
            thread.start()
            try:
                yield
            finally:
                ended.set()
                thread.join()
        assert failures == [], "the host's client lost its connection"


def expect_the_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Fails with a diff of what a visitor gets otherwise than before."""
    changed = {what: (before[what], after[what]) for what in before if before[what] != after[what]}
    diffs = [unified_diff(_lines(was), _lines(now), what, "now", lineterm="") for what, (was, now) in changed.items()]
    assert not changed, "\n".join(line for diff in diffs for line in diff)


def _lines(seen: Answer | list[str | bytes]) -> list[str]:
    if isinstance(seen, list):
        return [str(message)[:200] for message in seen]
    status, headers, body = seen
    return [str(status), *map(str, headers.items()), *body.decode(errors="replace").splitlines()]


def _drain(connection: ClientConnection) -> None:
    try:
        while True:
            connection.recv(timeout=0.01)
    except TimeoutError:
        pass
