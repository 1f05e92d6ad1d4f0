"""Reads environment variables the way people set them: in shells, systemd units, `.env` and compose files.

An empty variable counts as unset; spaces around a value are ignored, and so is a pair of quotes that
`docker --env-file` left there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from avatar_site.front.addresses import in_url
from monitoring.parsers import Parser, parse_variable, unquoted, words

HOST_NAME = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]")

WEB_ORIGIN = re.compile(r"https?://((\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class Environment:
    def __init__(self, variables: Mapping[str, str], base: Path) -> None:
        """`base` is the folder that relative paths start from, wherever a command is typed."""
        self._variables = variables
        self._base = base
        self._read: set[str] = set()

    def text(self, name: str) -> str:
        """The variable's value, empty if it is not set."""
        self._read.add(name)
        return unquoted(self._variables.get(name, ""))

    def parsed(self, name: str, default: str, parser: Parser) -> Any:
        """The parsed value. Raises ImproperlyConfigured with the name, the value and what is allowed."""
        return parse_variable(name, self.text(name) or default, parser)

    def path(self, name: str, default: str) -> Path:
        """An absolute path; `~` is the user's home directory."""
        return parse_variable(name, self.text(name) or default, self._absolute)

    def _absolute(self, text: str) -> Path:
        try:
            text.encode()
            if not text.isprintable():
                raise ValueError
            return (self._base / Path(text).expanduser()).resolve()
        except (RuntimeError, ValueError) as error:
            # The user is unknown, the bytes are not UTF-8, or no log could show the text on one line.
            raise ValueError("a path in UTF-8 without control characters, such as /srv/avatars or ~/avatars") from error

    def unread(self, prefix: str) -> dict[str, str]:
        """The variables with that prefix that are set, and were not asked for by name before: they are another's."""
        names = [name for name in self._variables if name.startswith(prefix) and name not in self._read]
        values = {name: self.text(name) for name in names}
        return {name: value for name, value in values.items() if value}


def host_names(text: str) -> list[str]:
    """Host names as Django compares them: never with a port, and IPv6 addresses as browsers write them."""
    names = [in_url(name) for name in words(text)]
    if not names or not all(HOST_NAME.fullmatch(name) for name in names):
        raise ValueError("host names without scheme and port, such as avatars.example.com, .example.com, [::1] or *")
    return names


def web_origins(text: str) -> list[str]:
    """Origins of pages whose forms are accepted, as Django compares them."""
    origins = [origin.rstrip("/") for origin in words(text)]
    try:
        are_origins = all(WEB_ORIGIN.fullmatch(origin) and urlsplit(origin).port != 0 for origin in origins)
    except ValueError:
        are_origins = False
    if not are_origins:
        raise ValueError("origins such as https://avatars.example.com:8443 or https://*.example.com")
    return origins


def secret_key(text: str) -> str:
    """A key that can sign cookies."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("text in UTF-8") from error
    return text


def origins_of(hosts: list[str]) -> list[str]:
    """The HTTPS origins of allowed hosts that are names."""
    return [f"https://{'*' if host.startswith('.') else ''}{host}" for host in hosts if host != "*"]


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def websocket_url(text: str) -> str:
    """Raises ValueError with what is allowed, for example for an IPv6 address without brackets."""
    try:
        url = urlsplit(text)
        known = url.scheme in ("ws", "wss") and url.hostname and url.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            "a URL such as ws://127.0.0.1:8000/ws/avatar/, wss://example.com/ws/avatar/ or ws://[::1]:8000/"
        )
    return text
