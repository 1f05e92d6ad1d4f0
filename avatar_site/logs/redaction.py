"""Takes secrets out of what is logged: a log is read by more people, and kept longer, than what it tells of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote

HIDDEN = "***"
SHORTEST_SECRET = 6
"""Shorter ones may be words of the language, too; in a URL or after a name they are hidden all the same."""

LONGEST_PASSWORD = 500

# Clients have a hand in what is logged: no pattern begins with a repetition, which would be tried at each character.
NAMES = r"(?:password|passwd|pwd|ticket|resume|token|secret|secret_?key|api_?key|session_?(?:id|key))"
PATTERNS = (
    # User and password of a URL; a password may hold any character but a space.
    (
        re.compile(rf"(?P<before>://[^\s/@:]*:)(?!password@)[^\s]{{0,{LONGEST_PASSWORD}}}@"),
        rf"\g<before>{HIDDEN}@",
    ),
    # Of a query, a form, a DSN or keyword arguments: name=value, also 'name': 'value'.
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
    # The site's cookies have names of their own; everybody else's are those of Django.
    (
        re.compile(r"(?P<before>\b(?:avatar_(?:session|csrf|known)\w*|sessionid|csrftoken)=)[^\s;,'\"]+"),
        rf"\g<before>{HIDDEN}",
    ),
    (re.compile(r"(?P<before>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\g<before>{HIDDEN}"),
)

PASSWORD = re.compile(r"://[^/@:]*:(?P<password>.*)@")

_known: list[str] = []


def hide(secrets: Iterable[str]) -> None:
    """From now on these are hidden wherever they stand, as they are and percent-encoded."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            _known.extend({secret, quote(secret, safe="")} - {*_known})
    # One may hold another.
    _known.sort(key=len, reverse=True)


def passwords_of(*urls: str) -> list[str]:
    """As they are written in these URLs, and what they stand for."""
    found = [match["password"] for url in urls for match in [PASSWORD.search(url)] if match]
    found += [value for url in urls for name, value in parse_qsl(url.partition("?")[2]) if name == "password"]
    return [*found, *map(unquote, found)]


def redacted(text: str) -> str:
    """The text with three asterisks in the place of each secret."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
