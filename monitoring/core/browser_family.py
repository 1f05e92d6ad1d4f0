"""Which browser or program a client is, by the user agent of its handshake. The list of families is bounded."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from monitoring.core.monitored import Scope

LONGEST_USER_AGENT = 255
OTHER, NOT_SENT = "other", "not sent"

RULES: tuple[tuple[str, str], ...] = (
    ("Googlebot", r"Googlebot(?:/(\d+))?"),
    ("other bot", r"(?i:bot\b|crawler|spider)"),
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"(?:OPR|OPT|OPiOS|Opera)/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Yandex", r"YaBrowser/(\d+)"),
    ("Vivaldi", r"Vivaldi/(\d+)"),
    ("UC Browser", r"UCBrowser/(\d+)"),
    ("Electron", r"Electron/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Headless Chrome", r"HeadlessChrome/(\d+)"),
    ("Android WebView", r"; wv\).*Chrome/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|Chromium)/(\d+)"),
    ("Safari", r"Version/(\d+)[.\d]* (?:Mobile/\w+ )?Safari/"),
    ("iOS WebView", r"\((?:iPhone|iPad|iPod).*AppleWebKit/(?!.*Safari/)"),
    ("Unity", r"Unity(?:Player|WebRequest)?/(\d+)"),
    ("Unreal Engine", r"(?i:unreal ?engine|UE[45]?)(?:[/+-](\d+))?|libcurl-agent.*UE"),
    ("Godot", r"(?i:godot)(?:Engine)?(?:/(\d+))?"),
    ("websockets", r"websockets/(\d+)"),
    ("aiohttp", r"aiohttp/(\d+)"),
    ("Autobahn", r"(?i:autobahn)\w*(?:/(\d+))?"),
    ("okhttp", r"okhttp/(\d+)"),
    ("Dart", r"Dart/(\d+)"),
    ("Go", r"Go-http-client/(\d+)"),
    ("Java", r"(?:Java|Java-http-client|Apache-HttpClient)/(\d+)"),
    ("CFNetwork", r"CFNetwork/(\d+)"),
    (".NET", r"(?:\.NET|websocket-sharp)(?:/(\d+))?"),
    ("k6", r"k6/(\d+)"),
    ("curl", r"curl/(\d+)"),
    ("Node.js", r"(?i:node(?:\.js)?|undici)(?:/v?(\d+))?"),
    ("python-requests", r"python-requests/(\d+)"),
    ("httpx", r"python-httpx/(\d+)"),
    ("Python", r"Python(?:-urllib)?/(\d+)"),
)
"""A family and how it names itself; the first that fits holds, because most browsers also name those they descend from:
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/User-Agent"""

_RULES = tuple((family, re.compile(pattern)) for family, pattern in RULES)
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f]+")


class Browser(NamedTuple):
    """A browser or program; `version` is its major version, None if it does not say."""

    family: str
    version: str | None = None

    @property
    def text(self) -> str:
        """The family and the version, such as `Firefox 128`."""
        return f"{self.family} {self.version}" if self.version else self.family

    @property
    def shown(self) -> str | None:
        """The same; None if the family is not known."""
        return None if self.family in (OTHER, NOT_SENT) else self.text


@lru_cache(maxsize=2048)
def browser_of(user_agent: str) -> Browser:
    """The first family whose rule fits."""
    if not user_agent:
        return Browser(NOT_SENT)
    for family, pattern in _RULES:
        if found := pattern.search(user_agent):
            version = found[1] if pattern.groups else None
            return Browser(family, version)
    return Browser(OTHER)


def user_agent_of(scope: Scope) -> str:
    """The user agent in a handshake's headers, on one line of at most 255 characters; empty if there is none.

    All clients with the same one share one string.
    """
    for name, value in scope.get("headers") or ():
        # A project's own tests may pass on what no server does.
        if name == b"user-agent" and isinstance(value, bytes):
            text = _CONTROL.sub(" ", value[: 4 * LONGEST_USER_AGENT].decode("latin-1")).strip()
            return intern(text[:LONGEST_USER_AGENT])
    return ""
