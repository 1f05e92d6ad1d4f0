"""Amounts as pages show them, durations in the reader's language. `lib/format.js` writes them alike."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext
from monitoring.core import amounts

UNITS: Final = {
    "d": gettext_noop("%(value)s d"),
    "h": gettext_noop("%(value)s h"),
    "min": gettext_noop("%(value)s min"),
    "s": gettext_noop("%(value)s s"),
}
"""Of durations; other units are the same in every language."""


def amount(value: float | None, unit: str) -> str:
    """A value with about three digits and its unit: "97.1 %", "804 ms", "1 min 15 s"; a dash if it is not known."""
    return _told(amounts.amount(value, unit), unit)


def limit(value: float, unit: str) -> str:
    """A limit with all its digits and its unit: "80.75 %"; seconds in two units if these say all: "1 min 30 s"."""
    return _told(amounts.limit(value, unit), unit)


def span(seconds: float) -> str:
    """A duration in its two largest units: "2 h 5 min"."""
    return _told(amounts.span(seconds), "s")


def counted(number: int, unit: str) -> str:
    """So many of one of UNITS: "15 min"."""
    return gettext(UNITS[unit]) % {"value": number}


def _told(text: str, unit: str) -> str:
    """Seconds are written as pairs of a number and a unit."""
    words = text.split(" ")
    if unit != "s" or len(words) % 2:
        return text
    pairs = zip(words[::2], words[1::2], strict=True)
    return " ".join(gettext(UNITS[name]) % {"value": number} for number, name in pairs)
