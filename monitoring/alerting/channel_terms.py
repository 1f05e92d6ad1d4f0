"""How each kind of channel is told: people once in a while, an Alertmanager about every change."""

from __future__ import annotations

from datetime import timedelta

from monitoring.alerting.notice_texts import MOST_LISTED
from monitoring.core.notice_policy import NEVER, Terms
from monitoring.models import AlertChannel
from monitoring.models.notice import ALERTMANAGER

ALERTMANAGER_REPEAT = timedelta(minutes=4)
"""How often an Alertmanager is told that an alert still fires."""

MOST_HANDED_ON = 2_000
"""Alerts in one request to an Alertmanager, a megabyte."""


def of(channel: AlertChannel) -> Terms:
    escalates_after = timedelta(minutes=channel.escalates_after_minutes)
    if channel.kind == ALERTMANAGER:
        # It groups, silences and repeats by rules of its own, and takes an alert for over that it no longer hears of.
        return Terms(NEVER, ALERTMANAGER_REPEAT, escalates_after, tells_resolved=True, tells_each_end=True)
    return Terms(
        timedelta(minutes=channel.group_minutes),
        timedelta(minutes=channel.repeat_minutes),
        escalates_after,
        channel.tells_resolved,
    )


def heeds_acknowledgements(channel: AlertChannel) -> bool:
    """Whether an acknowledged alert is kept from the channel. An Alertmanager would take it for resolved."""
    return channel.kind != ALERTMANAGER


def most_listed(channel: AlertChannel) -> int:
    """How many alerts one notice describes."""
    return MOST_HANDED_ON if channel.kind == ALERTMANAGER else MOST_LISTED
