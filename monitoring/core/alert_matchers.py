"""Matchers of alerts, as silences and channels have them: a pattern for each of some of an alert's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from monitoring.core.inputs import echo, plain_text

MATCHER_NAMES: Final = ("rule", "metric", "severity", "host", "node", "client", "subject")
LONGEST_PATTERN: Final = 255
ANY = "*"
"""What stands for any text in a pattern; no other sign has a meaning."""


def matches(matchers: Mapping[str, str], names: Mapping[str, str]) -> bool:
    """Whether all patterns match an alert's names; no matchers match nothing.

    A name that the alert does not have, such as the client of a host's alert, is matched by no pattern, not even by *.
    """
    return bool(matchers) and all(_fits(pattern, names.get(name, "")) for name, pattern in matchers.items())


def problems_of_matchers(matchers: object) -> list[str]:
    """What is wrong with them, one sentence each; there must be at least one matcher."""
    allowed = f"must be one or more of {', '.join(MATCHER_NAMES)}, each with a pattern such as web-*"
    if not isinstance(matchers, Mapping):
        return [f"matchers={echo(str(matchers))}: {allowed}"]
    if not matchers:
        return [f"matchers are missing: {allowed}"]
    return [problem for name, pattern in matchers.items() if (problem := _problem(str(name), pattern))]


def _problem(name: str, pattern: object) -> str | None:
    if name not in MATCHER_NAMES:
        return f"{echo(name)} is not a matcher; they are {', '.join(MATCHER_NAMES)}"
    try:
        if not isinstance(pattern, str):
            raise ValueError("a text")
        plain_text(pattern, LONGEST_PATTERN, shortest=1)
    except ValueError as error:
        return f"{name}={echo(str(pattern))}: must be {error}; * stands for any text"
    return None


def _fits(pattern: str, text: str) -> bool:
    if not text:
        return False
    first, *others = pattern.split(ANY)
    if not others:
        return text == pattern
    last = others.pop()
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    return _contains_in_order(text[len(first) : len(text) - len(last)], others)


def _contains_in_order(text: str, parts: Iterable[str]) -> bool:
    """Takes each part where it comes first, so that the time is linear however many there are."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
