"""Amounts as pages show them, in the language of the pages. `lib/format.js` writes them alike."""

from __future__ import annotations

from dashboard.languages import in_page_language
from monitoring import unit_texts


def amount(value: float | None, unit: str) -> str:
    """A value with about three digits and its unit: "97.1 %", "804 ms", "1 min 15 s"; a dash if it is not known."""
    with in_page_language():
        return unit_texts.amount(value, unit)


def limit(value: float, unit: str) -> str:
    """A limit with all its digits and its unit: "80.75 %"; seconds in two units if these say all: "1 min 30 s"."""
    with in_page_language():
        return unit_texts.limit(value, unit)


def span(seconds: float) -> str:
    """A duration in its two largest units: "2 h 5 min"."""
    with in_page_language():
        return unit_texts.span(seconds)


def counted(number: int, unit: str) -> str:
    """So many of a unit: "15 min"."""
    with in_page_language():
        return unit_texts.with_unit(str(number), unit)
