"""The ranges of time that a person may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LENGTHS: dict[str, tuple[str, timedelta]] = {
    "1h": ("1 hour", timedelta(hours=1)),
    "24h": ("24 hours", timedelta(hours=24)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
DEFAULT = "1h"


class UnknownPeriodError(ValueError):
    """A range that is not offered; the text names it and what is allowed."""


@dataclass(frozen=True, slots=True)
class Period:
    """A range that ends now; `key` is its name in the query string."""

    key: str
    label: str
    start: datetime
    end: datetime


def parse(key: str | None, now: datetime) -> Period:
    """The period that `?range=` names, one hour where it names none.

    Raises UnknownPeriodError with the value and what is allowed.
    """
    key = key or DEFAULT
    if key not in LENGTHS:
        raise UnknownPeriodError(f"range={key[:40]}: allowed is {', '.join(LENGTHS)}")
    label, length = LENGTHS[key]
    return Period(key=key, label=label, start=now - length, end=now)
