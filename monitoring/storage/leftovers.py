"""Stores and closes once what nodes left behind, if monitoring is switched off and no worker will do it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connections
from redis import RedisError

from monitoring import conf, redis_connections
from monitoring.redis_connections import TASK_SECONDS
from monitoring.storage.ingest import drain
from monitoring.storage.silent_nodes import SILENCE

logger = logging.getLogger(__name__)

PAUSE = SILENCE + timedelta(seconds=5)


def store_leftovers(wait: Callable[[float], object]) -> None:
    """Stores what waits in the journal, and again once nodes that are silent now count as gone.

    `wait` takes the seconds in between. Failures are logged and left to the next start.
    """
    for is_last in (False, True):
        try:
            with redis_connections.connect(conf.current().redis_url, TASK_SECONDS) as client:
                logger.info("Before monitoring was switched off: %s", drain(client))
        except (RedisError, DatabaseError) as error:
            logger.warning("Cannot store what was measured before monitoring was switched off: %s", error)
        finally:
            connections.close_all()
        if not is_last:
            wait(PAUSE.total_seconds())
