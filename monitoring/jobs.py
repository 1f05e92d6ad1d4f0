"""The jobs that keep the history: each does all that is due, so a missed, late or doubled run changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.utils import timezone

from monitoring import conf, redis_connections
from monitoring.alerting import live_state
from monitoring.redis_connections import TASK_SECONDS
from monitoring.storage.ingest import drain
from monitoring.storage.prune import prune as prune_all
from monitoring.storage.roll_up import roll_up as roll_up_all

NO_REDIS = "nothing to store: the setting REDIS_URL is missing"

logger = logging.getLogger(__name__)


def store_snapshots() -> str:
    """Moves what nodes measured from the journal into the database, and tells the nodes which rules are in force.

    Returns a sentence with the counts.

    Raises redis.RedisError, SiteUnknownError or django.db.Error while Redis or the database cannot be used.
    """
    redis_url = conf.current().redis_url
    if not redis_url:
        return _said(NO_REDIS)
    with redis_connections.connect(redis_url, TASK_SECONDS) as client:
        said = _said(drain(client))
        live_state.publish(client)
    return said


def roll_up() -> str:
    """Rebuilds the hours and days whose minutes have changed; returns a sentence with the counts."""
    return _said(roll_up_all())


def prune() -> str:
    """Deletes what is no longer kept; returns a sentence with the counts."""
    return _said(prune_all(timezone.now()))


def _said(outcome: object) -> str:
    said = str(outcome)
    logger.info(said)
    return said


JOBS: dict[str, Callable[[], str]] = {"store_snapshots": store_snapshots, "roll_up": roll_up, "prune": prune}
"""By their names in the timetable, in the order in which they need each other's results."""
