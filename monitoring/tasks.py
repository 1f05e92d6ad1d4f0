"""What Celery runs: each task drains all that is due, so a missed, late or doubled tick changes nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from monitoring import journal
from monitoring.drain import drain

logger = logging.getLogger(__name__)

REDIS_SECONDS = 10.0


@shared_task(ignore_result=True)
def store_snapshots() -> str:
    """Moves what nodes measured from the journal into the database; says how much that was."""
    with journal.connect(settings.REDIS_URL, seconds=REDIS_SECONDS) as client:
        said = str(drain(client))
    logger.info(said)
    return said
