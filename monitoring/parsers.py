"""Parses the texts that operators set; every bad value is one clear line that says what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from monitoring.core import inputs
from monitoring.core.inputs import echo

Parser = Callable[[str], Any]
"""Takes a text; raises ValueError, whose text is what is allowed."""

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "y": 365 * 86_400}
DURATION = re.compile(r"[0-9]{1,6}[smhdy]")
SITE = re.compile(r"[A-Za-z0-9-]{1,32}")
NODE_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")
RELEASE = re.compile(r"[A-Za-z0-9._:@/+-]{1,64}")
ALERT_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://\S+")
BETWEEN_ALERT_URLS = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]{0,30}://)")
ALERT_URLS_ALLOWED = "URLs of Apprise, such as mailto://… or slack://…, separated by commas or spaces"
ORIGIN = re.compile(r"(?i:null)|file://|[A-Za-z][A-Za-z0-9+.-]*://[^/\s,?#@]+/?")
FOREVER = timedelta.max
SHORTEST_TOKEN = 20
SECRETS = {
    "AVATAR_API_TOKENS",
    "AVATAR_OPERATOR_TOKENS",
    "AVATAR_ALERT_URLS",
    "AVATAR_HEARTBEAT_URL",
    "DJANGO_SECRET_KEY",
}
"""Variables whose values never appear in a message."""
# In a URL, or in names and values as libpq takes them, each of which ends before the next name.
PASSWORD_IN_URL = re.compile(
    r"(?is)(://[^/@:]*:).*(?=@)|(\b\w*(?:password|passwd|pwd|token|secret|api_?key)=).*?(?=[&\s]\w+=|$)"
)
LONGEST_SHOWN = 200
QUOTES = "\"'"


def unquoted(text: str) -> str:
    """A variable's text without spaces around it, and without the pair of quotes that `docker --env-file` leaves."""
    text = text.strip()
    if len(text) > 1 and text[0] in QUOTES and text[0] == text[-1]:
        text = text[1:-1].strip()
    return text


def boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("true", "1", "yes", "on"):
        return True
    if lowered in ("false", "0", "no", "off"):
        return False
    raise ValueError("true or false")


def number(low: float, high: float) -> Parser:
    return lambda text: inputs.number(text.strip(), low, high)


def duration(low: str, high: str, *, forever: bool = False) -> Parser:
    """A duration such as `90s`, `30m`, `2h`, `30d` or `1y` (365 days) within these limits; optionally also
    `forever`."""
    allowed = f"a duration from {low} to {high}, such as 90s, 30m, 2h or 30d" + (", or forever" if forever else "")

    def parse(text: str) -> timedelta:
        text = text.strip().lower()
        if forever and text == "forever":
            return FOREVER
        if not DURATION.fullmatch(text) or not _length(low) <= _length(text) <= _length(high):
            raise ValueError(allowed)
        return _length(text)

    return parse


def _length(text: str) -> timedelta:
    return timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])


def choice(*allowed: str) -> Parser:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(" or ".join(allowed))
        return text

    return parse


def words(text: str) -> list[str]:
    """The words between commas or spaces."""
    return [word for word in re.split(r"[,\s]+", text) if word]


def origins(text: str) -> tuple[str, ...]:
    """Origins of web pages, and of apps that show them under schemes of their own; optionally also `null`."""
    parts = words(text)
    if not all(ORIGIN.fullmatch(part) for part in parts):
        raise ValueError("origins such as https://example.com or capacitor://localhost, or null, separated by commas")
    return tuple(part if part.endswith("://") else part.removesuffix("/") for part in parts)


def tokens(text: str) -> tuple[str, ...]:
    parts = tuple(words(text))
    if any(len(part) < SHORTEST_TOKEN or not re.fullmatch(r"[!-~]+", part) for part in parts):
        raise ValueError(f"tokens of at least {SHORTEST_TOKEN} printable ASCII characters, separated by commas")
    return parts


def release(text: str) -> str:
    text = text.strip()
    if not RELEASE.fullmatch(text):
        raise ValueError("1 to 64 letters, digits and . _ : @ / + -")
    return text


def site(text: str) -> str:
    text = text.strip()
    if not SITE.fullmatch(text):
        raise ValueError("1 to 32 letters, digits and dashes")
    return text


def node_name(text: str) -> str:
    text = text.strip()
    if not NODE_NAME.fullmatch(text):
        raise ValueError("1 to 64 letters, digits, dots, dashes, underscores and colons")
    return text


def otlp_endpoint(text: str) -> str:
    """The URL of an OTLP receiver over HTTP; a URL without a path gets the usual one."""
    if not text.strip():
        return ""
    try:
        url = urlsplit(text.strip())
        known = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("a URL such as http://localhost:4318")
    return url._replace(path="/v1/metrics").geturl() if url.path in ("", "/") else url.geturl()


def alert_urls(text: str) -> tuple[str, ...]:
    """Apprise's URLs between commas or spaces; a URL may itself hold commas. The error tells none of their secrets."""
    parts = tuple(part.strip(", \t\r\n") for part in BETWEEN_ALERT_URLS.split(text.strip()))
    for place, part in enumerate(parts, 1):
        if not ALERT_URL.fullmatch(part):
            scheme = re.match(r"[a-z][a-z0-9+.-]{0,30}://", part)
            raise ValueError(ALERT_URLS_ALLOWED + (f"; number {place} is none ({scheme[0]}…)" if scheme else ""))
    return parts


def heartbeat_url(text: str) -> str:
    return _web_address(text, "the URL of a check, such as https://hc-ping.com/…")


def public_url(text: str) -> str:
    """The address under which people reach the site, without a slash at its end."""
    url = _web_address(text, "the address of the site, such as https://avatars.example.com")
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(
            "the address of the site without user, query and fragment, such as https://avatars.example.com"
        )
    return url.rstrip("/")


def _web_address(text: str, allowed: str) -> str:
    try:
        url = urlsplit(text.strip())
        is_known = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        is_known = False
    if not is_known or not re.fullmatch(r"[!-~]+", text.strip()):
        raise ValueError(allowed)
    return text.strip()


def parse_variable(name: str, value: object, parser: Parser) -> Any:
    """The parsed value of one variable. Raises ImproperlyConfigured with its name, its value and what is allowed.

    In Django's settings a value may also be a number or a boolean, and several texts may be a list.
    """
    try:
        return parser(_text_of(value))
    except ValueError as allowed:
        shown = "(hidden)" if name in SECRETS else presentable(str(value))
        raise ImproperlyConfigured(f"{name}={shown}: must be {allowed}") from None


def _text_of(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(_text_of, value))
    if not isinstance(value, str | int | float):
        raise ValueError("a text, a number or a list of texts")
    return str(value)


def presentable(text: str) -> str:
    """The text for one line of an error: without passwords in URLs and line breaks, at most 200 characters."""
    return echo(PASSWORD_IN_URL.sub(r"\1\2***", text), LONGEST_SHOWN)
