"""Removes secrets from log text: more people read a log, and it is kept longer, than its subject warrants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote

HIDDEN = "***"
SHORTEST_SECRET = 6
"""Shorter secrets may be ordinary words; in a URL or after a name they are hidden anyway."""

LONGEST_PASSWORD = 500

# Clients influence log text: no pattern begins with a repetition, which would be tried at each character.
NAMES = r"(?:password|passwd|pwd|ticket|resume|token|secret|secret_?key|api_?key|session_?(?:id|key))"
PATTERNS = (
    # User and password of a URL; a password may contain any character except a space.
    (
        re.compile(rf"(?P<before>://[^\s/@:]*:)(?!password@)[^\s]{{0,{LONGEST_PASSWORD}}}@"),
        rf"\g<before>{HIDDEN}@",
    ),
    # In a query, a form, a DSN or keyword arguments: name=value, also 'name': 'value'.
    (
        re.compile(
            rf"(?P<before>{NAMES}=)(?P<quote>['\"]?)(?:(?<=')[^'\n]+|(?<=\")[^\"\n]+|(?<=\=)[^\s&#'\",;]+)",
            re.IGNORECASE,
        ),
        rf"\g<before>\g<quote>{HIDDEN}",
    ),
    (
        re.compile(
            rf"(?P<before>{NAMES}['\"]\s*:\s*(?P<open>['\"])).*?(?P<close>(?P=open))",
            re.IGNORECASE,
        ),
        rf"\g<before>{HIDDEN}\g<close>",
    ),
    # The site's cookies have their own names; everybody else's have Django's.
    (
        re.compile(r"(?P<before>\b(?:avatar_(?:session|csrf|known|kiosk)\w*|sessionid|csrftoken)=)[^\s;,'\"]+"),
        rf"\g<before>{HIDDEN}",
    ),
    (re.compile(r"(?P<before>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\g<before>{HIDDEN}"),
)

PASSWORD = re.compile(r"://[^/@:]*:(?P<password>.*)@")

AFTER_HOST = re.compile(r"://[^\s/,]+(?P<path>/[^\s,]+)")

_known: list[str] = []


def hide(secrets: Iterable[str]) -> None:
    """Hides these texts from now on wherever they appear, plain and percent-encoded."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            _known.extend({secret, quote(secret, safe="")} - {*_known})
    # One may contain another.
    _known.sort(key=len, reverse=True)


def passwords_of(*urls: str) -> list[str]:
    """The passwords as written in these URLs, and decoded."""
    found = [match["password"] for url in urls for match in [PASSWORD.search(url)] if match]
    found += [value for url in urls for name, value in parse_qsl(url.partition("?")[2]) if name == "password"]
    return [*found, *map(unquote, found)]


def paths_of(urls: str) -> list[str]:
    """What follows the hosts of these URLs, between spaces or commas: who knows it may write to such addresses."""
    return [match["path"].rstrip("/") for match in AFTER_HOST.finditer(urls)]


def redacted(text: str) -> str:
    """The text with three asterisks in place of each secret."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
