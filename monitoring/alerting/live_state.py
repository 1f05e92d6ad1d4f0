"""Tells the nodes which rules are in force and how people have answered: through one key on Redis.

The key is rebuilt from the database on every change, and once a minute in case that failed. Nodes keep what they know
while they cannot read it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
from django.db import Error, router, transaction
from django.utils import timezone

from monitoring import conf, redis_connections, site
from monitoring.alerting import silences
from monitoring.alerting.rules import of_rows
from monitoring.core.alert_instructions import AnsweredAlert, LiveState, SilencedTime, encode
from monitoring.core.records import BY_HAND
from monitoring.core.rescue import OnceAMinute
from monitoring.models import Alert, AlertRule, Silence

AHEAD = timedelta(minutes=5)
"""Silences that begin within this time are told too: the next minute may come late."""

RESOLVED_LATELY = timedelta(days=30)
"""A node may go on to see what somebody resolved for this long."""

MOST_ANSWERS = 2_000

logger = logging.getLogger(__name__)
why = OnceAMinute()


def build(now: datetime) -> LiveState:
    """What nodes are to know now, from the database."""
    state = LiveState.of(*of_rows(AlertRule.objects.by_name()))
    state.acknowledged = list(_acknowledged())
    state.resolved = list(_resolved(now))
    state.silenced = list(_silenced(now))
    return state


def publish_on_commit() -> None:
    """Tells the nodes once the current transaction has committed, or at once if there is none."""
    alias = router.db_for_write(AlertRule)
    waiting = transaction.get_connection(alias).run_on_commit
    if not any(function is _try_to_publish for _, function, *_ in waiting):
        transaction.on_commit(_try_to_publish, using=alias)


def publish(client: redis.Redis) -> None:
    """Brings the key up to date, and says so on the channel of the same name if it has changed.

    Of several who publish at once, the last one to write has read everything: each reads again after it has written.
    Raises redis.RedisError, SiteUnknownError or django.db.Error.
    """
    key, channel = site.key_of(site.name(), "alerting"), site.channel_of(site.name(), "alerting")
    known = client.get(key)
    while (data := encode(build(timezone.now()))) != known:
        client.set(key, data)
        client.publish(channel, "")
        known = data


def _try_to_publish() -> None:
    """Whoever changed something is not to be told that Redis is away: the next minute tells the nodes."""
    redis_url = conf.current().redis_url
    if not redis_url:
        return
    try:
        with redis_connections.connect(redis_url) as client:
            publish(client)
    except (redis.RedisError, site.SiteUnknownError, Error) as error:
        if why.is_due(type(error).__name__):
            logger.warning("The nodes learn of changed rules and answers only in the next minute: %s", error)


def _acknowledged() -> Iterator[AnsweredAlert]:
    firing = Alert.objects.firing().filter(acknowledged_at__isnull=False).order_by("-acknowledged_at", "-id")
    for alert in firing.only(*NAMES, "acknowledged_at", "acknowledged_by", "acknowledged_until")[:MOST_ANSWERS]:
        at, until = alert.acknowledged_at, alert.acknowledged_until
        if at is not None:
            yield AnsweredAlert(
                alert.rule or alert.metric,
                alert.subject,
                alert.acknowledged_by,
                at.timestamp(),
                until.timestamp() if until else None,
            )


def _resolved(now: datetime) -> Iterator[AnsweredAlert]:
    by_hand = Alert.objects.resolved().filter(ended=BY_HAND, ended_at__gt=now - RESOLVED_LATELY)
    for alert in by_hand.order_by("-ended_at", "-id").only(*NAMES, "ended_at")[:MOST_ANSWERS]:
        if alert.ended_at is not None:
            yield AnsweredAlert(alert.rule or alert.metric, alert.subject, "", alert.ended_at.timestamp())


def _silenced(now: datetime) -> Iterator[SilencedTime]:
    for silence in Silence.objects.not_over(now).order_by("id"):
        end = silences.ends_after(silence, now)
        start = end - (silence.ends_at - silence.starts_at)
        if silence.ended_at is None and start <= now + AHEAD:
            yield SilencedTime(silence.matchers, start.timestamp(), end.timestamp())


NAMES = "id", "rule", "metric", "subject"
