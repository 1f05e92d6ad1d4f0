"""What Celery runs: each task drains all that is due, so a missed, late or doubled tick changes nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from monitoring.journal import stream
from monitoring.storage.ingest import drain
from monitoring.storage.prune import prune as prune_all
from monitoring.storage.roll_up import roll_up as roll_up_all

logger = logging.getLogger(__name__)

REDIS_SECONDS = 10.0


@shared_task(ignore_result=True)
def store_snapshots() -> str:
    """Moves what nodes measured from the journal into the database; says how much that was."""
    with stream.connect(settings.REDIS_URL, seconds=REDIS_SECONDS) as client:
        return _said(drain(client))


@shared_task(ignore_result=True)
def roll_up() -> str:
    """Makes the hours and days anew whose minutes have changed; says how many."""
    return _said(roll_up_all())


@shared_task(ignore_result=True)
def prune() -> str:
    """Deletes what is no longer kept; says how much that was."""
    return _said(prune_all(timezone.now()))


def _said(outcome: object) -> str:
    said = str(outcome)
    logger.info(said)
    return said
