"""Makes every connection to Redis, so that all have the same options with any release of redis-py.

redis-py's own defaults differ by release: the protocol, how long a call waits, and how often it is tried again. A call
that is tried again in silence would wait several times as long as its caller allows, so nothing is tried again here.

Connections get no name of ours: giving one needs a right that a Redis user may lack. REDIS_URL may name them
(`client_name`), and have them checked (`health_check_interval`); what the URL says goes before these options.
"""

from __future__ import annotations

from typing import Any

import redis
from redis import asyncio as asynchronous
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

CALL_SECONDS = 0.5
"""For calls that a person or a tick waits for."""

SET_UP_SECONDS = 3.0
"""For setting up a connection: five round trips of 300 ms, twice."""

TASK_SECONDS = 10.0
"""For tasks, which nobody waits for."""

PROTOCOL = 2
"""Every release of every server speaks it, and a connection needs no HELLO."""


def connect(url: str, seconds: float = CALL_SECONDS) -> redis.Redis:
    """A client whose every call answers or raises redis.RedisError within about this many seconds."""
    return redis.Redis.from_url(url, **_options(seconds, seconds), retry=Retry(NoBackoff(), 0))


def connect_async(url: str, seconds: float | None = SET_UP_SECONDS, **more: Any) -> asynchronous.Redis:
    """The same for asyncio. With None a call waits as long as it takes, as a subscription has to."""
    options = _options(seconds, SET_UP_SECONDS) | more
    return asynchronous.Redis.from_url(url, **options, retry=AsyncRetry(NoBackoff(), 0))


def check_url(url: str) -> None:
    """Raises redis.RedisError, TypeError or ValueError for a URL with options that redis-py does not know.

    Nothing is connected.
    """
    redis.ConnectionPool.from_url(url, **_options(CALL_SECONDS, CALL_SECONDS)).make_connection()


def _options(call_seconds: float | None, connect_seconds: float) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "socket_timeout": call_seconds,
        "socket_connect_timeout": connect_seconds,
        "health_check_interval": 0,
    }
