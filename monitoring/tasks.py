"""The Celery tasks: each does everything that is due, so a missed, late or doubled tick changes nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from monitoring import conf, redis_connections
from monitoring.redis_connections import TASK_SECONDS
from monitoring.storage.ingest import drain
from monitoring.storage.prune import prune as prune_all
from monitoring.storage.roll_up import roll_up as roll_up_all

logger = logging.getLogger(__name__)


@shared_task(name="avatar_monitoring.store_snapshots", ignore_result=True)
def store_snapshots() -> str:
    """Moves what nodes measured from the journal into the database; returns a sentence with the counts."""
    with redis_connections.connect(conf.current().redis_url, TASK_SECONDS) as client:
        return _said(drain(client))


@shared_task(name="avatar_monitoring.roll_up", ignore_result=True)
def roll_up() -> str:
    """Rebuilds the hours and days whose minutes have changed; returns a sentence with the counts."""
    return _said(roll_up_all())


@shared_task(name="avatar_monitoring.prune", ignore_result=True)
def prune() -> str:
    """Deletes what is no longer kept; returns a sentence with the counts."""
    return _said(prune_all(timezone.now()))


def _said(outcome: object) -> str:
    said = str(outcome)
    logger.info(said)
    return said
