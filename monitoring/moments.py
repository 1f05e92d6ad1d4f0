"""Moments as people type them: ISO 8601, or a time ago; and as links and commands write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from monitoring.core.inputs import echo

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""Accepted moments lie between these, so that a range before, after or around one is valid as well."""

ALLOWED = (
    "now, a time ago such as -30m, -2h or -7d, or an ISO 8601 time such as 2026-11-23T14:00 "
    "(UTC unless it names another zone), in the years 1970 to 2999"
)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment in UTC. Raises ValueError that names the text and what is allowed."""
    if text == "now":
        return now
    try:
        return within(_read(text, now))
    except (ValueError, OverflowError):
        raise ValueError(f"{echo(text)}: must be {ALLOWED}") from None


FUTURE_ALLOWED = (
    "a time ahead such as +30m, +4h or +7d, or an ISO 8601 time such as 2026-11-23T14:00 (UTC unless it names another "
    "zone), in the years 1970 to 2999"
)


def parse_future(text: str, now: datetime) -> datetime:
    """A moment that something lasts until, in UTC. Raises ValueError that names the text and what is allowed."""
    try:
        ahead = re.fullmatch(r"\+([0-9]{1,12})([smhdw])", text)
        return within(now + timedelta(**{UNITS[ahead[2]]: int(ahead[1])}) if ahead else _at(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{echo(text)}: must be {FUTURE_ALLOWED}") from None


def stamp(moment: datetime) -> str:
    """A moment to the second, as query strings and commands have it: `parse_moment` reads it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def within(moment: datetime) -> datetime:
    """The same moment. Raises ValueError before FIRST and after LAST."""
    if not FIRST <= moment <= LAST:
        raise ValueError("a time in the years 1970 to 2999")
    return moment


def _read(text: str, now: datetime) -> datetime:
    ago = re.fullmatch(r"-([0-9]{1,12})([smhdw])", text)
    if ago:
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    return _at(text)


def _at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
