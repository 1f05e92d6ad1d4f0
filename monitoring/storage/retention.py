"""How long each kind of record is kept, as the settings say."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitoring import conf
from monitoring.parsers import FOREVER

UNITS = (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1)))


def kept() -> list[tuple[str, str]]:
    """What is kept, finest first, and for how long, in words."""
    settings = conf.current()
    return [
        ("Seconds", _words(settings.keep_seconds)),
        ("Minutes", _words(settings.keep_minutes)),
        ("Hours", _words(settings.keep_hours)),
        ("Days", _words(FOREVER)),
        ("Sessions", _words(settings.keep_sessions)),
        ("Alerts", _words(settings.keep_alerts)),
    ]


def kept_since(now: datetime, keep: timedelta) -> datetime | None:
    """Records before this are no longer kept; None if all are kept."""
    return None if keep == FOREVER else now - keep


def _words(keep: timedelta) -> str:
    if keep == FOREVER:
        return "forever"
    name, unit = next(((name, unit) for name, unit in UNITS if keep >= 2 * unit), ("seconds", timedelta(seconds=1)))
    return f"{keep / unit:g} {name}"
