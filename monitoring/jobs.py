"""The jobs that keep the history and send notices.

Each does all that is due, so a missed, late or doubled run changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.utils import timezone

from monitoring import conf, redis_connections
from monitoring.alerting import environment_channels, live_state
from monitoring.alerting.dead_mans_switch import switch
from monitoring.alerting.delivery import busy, deliver
from monitoring.alerting.outbox import plan_notices
from monitoring.alerting.prompt_delivery import sent_after
from monitoring.history import fleet_rules
from monitoring.journal import stream
from monitoring.redis_connections import TASK_SECONDS
from monitoring.storage.ingest import drain
from monitoring.storage.older_causes import fill_causes
from monitoring.storage.prune import prune as prune_all
from monitoring.storage.roll_up import roll_up as roll_up_all

SEND_SECONDS = 30.0
NO_REDIS = "nothing to store: the setting REDIS_URL is missing"

logger = logging.getLogger(__name__)


def store_snapshots() -> str:
    """Moves what nodes measured from the journal into the database, and tells the nodes which rules are in force.

    Then it evaluates the rules about all nodes together. Returns a sentence with the counts.

    Raises redis.RedisError, SiteUnknownError or django.db.Error while Redis or the database cannot be used.
    """
    redis_url = conf.current().redis_url
    if not redis_url:
        return _said(NO_REDIS)
    with switch.watching(), sent_after(), redis_connections.connect(redis_url, TASK_SECONDS) as client:
        # What is stored now may be the first alert ever, which is planned for the channels that have rows.
        environment_channels.keep_rows(timezone.now())
        said = _said(drain(client))
        live_state.publish(client)
        fleet_rules.evaluate(stream.now(client))
    _send_at_once()
    return said


def deliver_notices() -> str:
    """Sends the notices that are due; returns a sentence with the counts.

    Raises SiteUnknownError or django.db.Error while the database cannot be used.
    """
    now = timezone.now()
    environment_channels.keep_rows(now)
    with sent_after():
        plan_notices(now)
    return _said(deliver(now))


def _send_at_once() -> None:
    """What was just stored may be news. If this fails, its own job says so within a minute."""
    try:
        deliver(timezone.now())
    except Exception as error:
        logger.warning("Notices wait for the next minute: %s", type(error).__name__)


def wait_for_calls(seconds: float = SEND_SECONDS) -> None:
    """Until slow receivers have answered, for processes that end after one run."""
    busy.wait(seconds)
    switch.wait()


def roll_up() -> str:
    """Rebuilds the hours and days whose minutes have changed; returns a sentence with the counts.

    Sessions of older releases get their causes then, too.
    """
    fill_causes()
    return _said(roll_up_all())


def prune() -> str:
    """Deletes what is no longer kept; returns a sentence with the counts."""
    return _said(prune_all(timezone.now()))


def _said(outcome: object) -> str:
    said = str(outcome)
    logger.info(said)
    return said


JOBS: dict[str, Callable[[], str]] = {
    "store_snapshots": store_snapshots,
    "roll_up": roll_up,
    "prune": prune,
    "deliver_notices": deliver_notices,
}
"""By their names in the timetable, in the order in which they need each other's results."""
