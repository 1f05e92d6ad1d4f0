"""The list on Redis by which nodes wake whoever stores the journal; it holds one entry at most."""

from __future__ import annotations

import redis

from monitoring import redis_connections, site

LONGEST_WAIT = 60.0
ANSWER_SECONDS = 5.0
"""How much longer than a wait its answer may take."""


def wake_key(name: str) -> str:
    """The list's key on the site with this name."""
    return site.key_of(name, "wake")


class WakeList:
    """Waits for nodes to ask that the journal be stored; it has a connection of its own while it waits."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._client: redis.Redis | None = None

    def wait(self, seconds: float) -> bool:
        """Whether a node asked within this time, a minute at most. Raises redis.RedisError or SiteUnknownError."""
        if self._client is None:
            self._client = redis_connections.connect(self._url, LONGEST_WAIT + ANSWER_SECONDS)
        key = wake_key(site.name())
        return self._client.blpop([key], timeout=min(seconds, LONGEST_WAIT)) is not None
