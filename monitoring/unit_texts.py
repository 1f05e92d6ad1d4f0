"""Amounts with their units in the reader's language; `core/amounts.py` writes them alike for programs and logs."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop, ngettext

from monitoring.core import amounts

FORMS: Final = {
    "%": gettext_noop("%(value)s %%"),
    "d": gettext_noop("%(value)s d"),
    "h": gettext_noop("%(value)s h"),
    "min": gettext_noop("%(value)s min"),
    "s": gettext_noop("%(value)s s"),
}
"""Units that languages write differently; all others are written after a space."""


def with_unit(number: str, unit: str) -> str:
    if unit == amounts.CLIENTS:
        return ngettext("%(value)s client", "%(value)s clients", 1 if number == "1" else 2) % {"value": number}
    form = FORMS.get(unit)
    return gettext(form) % {"value": number} if form else amounts.with_unit(number, unit)


def amount(value: float | None, unit: str) -> str:
    return amounts.amount(value, unit, with_unit)


def limit(value: float, unit: str) -> str:
    return amounts.limit(value, unit, with_unit)


def span(seconds: float) -> str:
    return amounts.span(seconds, with_unit)
