"""Moments as people type them: ISO 8601, or so long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

ALLOWED = "now, a time ago such as -30m, -2h or -7d, or an ISO 8601 time such as 2026-11-23T14:00 (UTC unless it says)"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment in UTC. Raises ValueError that names the text and what is allowed."""
    if text == "now":
        return now
    try:
        ago = re.fullmatch(r"-(\d+)([smhdw])", text)
        if ago:
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text}: allowed is {ALLOWED}") from None
