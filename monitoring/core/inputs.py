"""Values as people and programs type them: the one place that decides which can be computed with and stored.

Each reader raises ValueError, whose text says what is allowed.
"""

from __future__ import annotations

import math
import re

HIGHEST = 2**63 - 1
"""The highest whole number that every column of either database can hold."""

MOST_DIGITS = 19
LONGEST_ECHO = 40
# A NUL, which PostgreSQL cannot store, and half of a UTF-16 surrogate pair, which UTF-8 cannot encode.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def whole_number(text: str, low: int = 0, high: int = HIGHEST) -> int:
    """ASCII digits only: no sign, underscore or fraction, and no digits of other scripts."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else low - 1
    if not low <= number <= high:
        raise ValueError(f"{low} to {high}")
    return number


def number(text: str, low: float, high: float) -> float:
    """A number with or without a fraction, neither infinite nor NaN."""
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise ValueError(f"a number from {low:g} to {high:g}")
    return value


def plain_text(text: str, longest: int, shortest: int = 0) -> str:
    """A text that can be stored and sent."""
    if not shortest <= len(text) <= longest or UNSTORABLE.search(text):
        raise ValueError(f"{length_allowed(longest, shortest)}, none of them NUL or half of a surrogate pair")
    return text


def length_allowed(longest: int, shortest: int = 0) -> str:
    return f"{shortest} to {longest} characters" if shortest else f"at most {longest} characters"


def echo(text: str, longest: int = LONGEST_ECHO) -> str:
    """A value in a sentence about it: not too long, on one line, and with invisible characters spelled out."""
    shown = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown)
