"""Stores and closes once what nodes left behind, if monitoring is switched off and no worker will do it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, connections
from redis import RedisError

from monitoring import conf, redis_connections
from monitoring.redis_connections import TASK_SECONDS
from monitoring.site import SiteUnknownError
from monitoring.storage.ingest import drain

logger = logging.getLogger(__name__)

PAUSES = 25.0, 70.0
"""Seconds between the runs: most nodes that are silent now count as vanished after the first, any do after both."""


def store_leftovers(wait: Callable[[float], object]) -> None:
    """Stores what waits in the journal, and again twice once nodes that are silent now count as gone: what they left
    open ends because monitoring is off.

    `wait` takes the seconds in between. Failures are logged and left to the next start.
    """
    for pause in (0.0, *PAUSES):
        if pause:
            wait(pause)
        try:
            with redis_connections.connect(conf.current().redis_url, TASK_SECONDS) as client:
                logger.info("Before monitoring was switched off: %s", drain(client, is_monitored=False))
        except (RedisError, DatabaseError, SiteUnknownError) as error:
            logger.warning("Cannot store what was measured before monitoring was switched off: %s", error)
        finally:
            connections.close_all()
