"""Which site this process's keys and channels belong to: two sites may share a Redis, whatever the database number.

The name is `AVATAR_SITE`, or is generated once and kept in the database, so that all hosts of a site agree on it.
"""

from __future__ import annotations

from channels.db import database_sync_to_async
from django.db import Error

from monitoring import conf

_kept: dict[str, str] = {}
"""The name that the database gave this process; it never changes."""


class SiteUnknownError(Exception):
    """The database, which holds the site's name, does not tell it now. The text says so as a sentence."""


def name() -> str:
    """The site's name; asks the database, once per process, if no variable sets it. Raises SiteUnknownError."""
    return conf.current().site or _kept.get("name") or _ask()


async def known_name() -> str:
    """The same for tasks of an event loop, which do not wait for the database."""
    return conf.current().site or _kept.get("name") or await _ask_elsewhere()


def key_of(site: str, what: str) -> str:
    """The Redis key with this name."""
    return f"avatar:{site}:{what}"


def channel_of(site: str, what: str) -> str:
    """The channel with this name: publishing ignores database numbers. Channels allows no colon in it."""
    return f"avatar.{site}.{what}"


def _ask() -> str:
    # Models need an installed app, and a project that only watches live has not installed this one.
    from monitoring.models.node import Site
    from monitoring.unmigrated import reason

    try:
        _kept["name"] = Site.objects.own_name()
    except Error as error:
        raise SiteUnknownError(f"Cannot read the site's name from the database: {reason(error)}") from error
    return _kept["name"]


_ask_elsewhere = database_sync_to_async(_ask, thread_sensitive=False)
