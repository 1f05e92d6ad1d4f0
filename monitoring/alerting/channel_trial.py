"""Sends a test to channels, also to those that are off, and says what each of them answered."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from monitoring import conf, site
from monitoring.alerting import notice_texts
from monitoring.alerting.attempts import Attempt, record
from monitoring.alerting.channels.answer import SendResult, failed
from monitoring.models import AlertChannel, Notice
from monitoring.models.notice import TEST

WAIT_SECONDS = 30.0


class TriedChannel(NamedTuple):
    channel: AlertChannel
    answer: SendResult
    seconds: float


def try_channels(channels: Iterable[AlertChannel], wait: float = WAIT_SECONDS) -> list[TriedChannel]:
    """Sends a test to all of them at once; who has not answered after `wait` seconds has failed.

    A test is tried once, is in the log of notices, and neither disables a channel nor enables one.
    """
    now = timezone.now()
    name = site.name()
    attempts = [Attempt(_notice(channel, now, wait), name, now) for channel in channels]
    over: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
    for attempt in attempts:
        attempt.start(over.put)
    deadline = time.monotonic() + wait
    tried: dict[int, TriedChannel] = {}
    try:
        while len(tried) < len(attempts):
            attempt = over.get(timeout=max(0.0, deadline - time.monotonic()))
            tried[attempt.channel.pk] = _tried(attempt)
    except queue.Empty:
        for attempt in attempts:
            if attempt.channel.pk not in tried:
                attempt.answer = failed(f"no answer within {wait:g} s")
                tried[attempt.channel.pk] = _tried(attempt)
    return [tried[attempt.channel.pk] for attempt in attempts]


def _tried(attempt: Attempt) -> TriedChannel:
    record(attempt)
    return TriedChannel(attempt.channel, attempt.answer, (attempt.now - attempt.began_at).total_seconds())


def _notice(channel: AlertChannel, now: datetime, wait: float) -> Notice:
    """Claimed from the beginning, so that no other process sends it too."""
    return Notice.objects.create(
        channel=channel,
        kind=TEST,
        content=notice_texts.content_of_test(channel.name, now, conf.current().public_url),
        created_at=now,
        due_at=now,
        claimed_until=now + timedelta(seconds=wait + 60),
    )
