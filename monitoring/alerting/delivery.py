"""Sends the notices that are due: each at least once, with the same key however often, and by one process at a time.

A process that dies between two of these steps leaves a claim behind, which ends by itself; then another one sends the
notice, perhaps once more.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error, connections

from monitoring import site
from monitoring.alerting.attempts import CLAIM, GIVEN_UP_AFTER, Attempt, claim_for, gave_up_waiting, record
from monitoring.core.counted import counted
from monitoring.models import Notice

logger = logging.getLogger(__name__)

WAIT_SECONDS = 1.0
"""For slow receivers; whoever takes longer is waited for in a thread, and delays neither other channels nor storing."""

RETRY_SECONDS = 3.0
"""Between two tries to record what was answered, while the database cannot be used."""


@dataclass(slots=True)
class Delivered:
    sent: int = 0
    failed: int = 0
    given_up: int = 0
    slow: int = 0

    def __str__(self) -> str:
        text = f"sent {counted(self.sent, 'notice')}"
        if self.failed:
            text += f", failed to send {self.failed}"
        if self.given_up:
            text += f", gave {self.given_up} up"
        if self.slow:
            text += f", still sending {self.slow}"
        return text

    def count(self, attempt: Attempt) -> None:
        if attempt.answer.is_sent:
            self.sent += 1
        else:
            self.failed += 1


def deliver(now: datetime, wait: float = WAIT_SECONDS) -> Delivered:
    """Sends what is due, each channel in a thread of its own; returns after `wait` seconds at the latest.

    After a failure a channel is left alone until the next run. Raises django.db.Error and SiteUnknownError.
    """
    return _Run(now, wait).run()


class _Busy:
    """The channels to which this process is sending, each by one thread at a time."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}
        self._changed = threading.Condition()

    def take(self, channel: int, claim: timedelta) -> bool:
        now = time.monotonic()
        with self._changed:
            if self._until.get(channel, 0.0) > now:
                return False
            # A thread that never comes back does not block its channel for ever.
            self._until[channel] = now + claim.total_seconds()
            return True

    def extend(self, channel: int, claim: timedelta) -> None:
        with self._changed:
            self._until[channel] = time.monotonic() + claim.total_seconds()

    def wait(self, seconds: float) -> None:
        """Until none is left, at most this long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._until, seconds)

    def forget(self) -> None:
        """For processes that begin anew, such as tests and forks."""
        with self._changed:
            self._until.clear()
            self._changed.notify_all()

    def give_back(self, channel: int) -> None:
        with self._changed:
            self._until.pop(channel, None)
            self._changed.notify_all()


busy = _Busy()


@dataclass(slots=True)
class _Run:
    now: datetime
    wait: float
    delivered: Delivered = field(default_factory=Delivered)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: queue.SimpleQueue[Attempt] = field(default_factory=queue.SimpleQueue)
    _under_way: set[int] = field(default_factory=set)
    _left_alone: set[int] = field(default_factory=set)
    _is_left: bool = False
    _site: str = ""
    _began: float = field(default_factory=time.monotonic)

    def run(self) -> Delivered:
        self._give_up()
        deadline = time.monotonic() + self.wait
        try:
            with suppress(queue.Empty):
                self._start_due()
                while self._under_way:
                    self._finish(self._over.get(timeout=max(0.0, deadline - time.monotonic())))
                    self._start_due()
        finally:
            # Also if the database cannot be used: what is under way is recorded once it can.
            self._leave()
        return self.delivered

    def _give_up(self) -> None:
        """What nobody will send any more: its channel is off, or its time is over."""
        off = Notice.objects.to_channels_that_are_off().unclaimed(self.now)
        self.delivered.given_up = off.update(given_up_at=self.now)
        late = Notice.objects.overdue(self.now - GIVEN_UP_AFTER, self.now).unclaimed(self.now)
        for notice in list(late.select_related("channel")):
            if late.filter(pk=notice.pk).update(given_up_at=self.now):
                self.delivered.given_up += 1
                claim_for(notice)
                gave_up_waiting(notice, self.now)

    def _start_due(self) -> None:
        """Starts one attempt for each channel that has anything due and is not being sent to."""
        moment = self.now + timedelta(seconds=time.monotonic() - self._began)
        for notice in Notice.objects.due(moment).select_related("channel"):
            if notice.channel_id not in self._under_way | self._left_alone:
                self._start(notice, moment)

    def _start(self, notice: Notice, moment: datetime) -> None:
        channel, claim = notice.channel_id, claim_for(notice)
        if not busy.take(channel, claim):
            self._left_alone.add(channel)
            return
        try:
            self._site = self._site or site.name()
            is_mine = Notice.objects.claim(notice, moment, moment + claim)
        except Exception:
            busy.give_back(channel)
            raise
        if not is_mine:
            busy.give_back(channel)
            return
        self._under_way.add(channel)
        Attempt(notice, self._site, moment).start(self._whenever)

    def _finish(self, attempt: Attempt) -> None:
        channel = attempt.notice.channel_id
        self._under_way.discard(channel)
        try:
            record(attempt)
        except Exception:
            threading.Thread(target=finish_late, args=(attempt,), name="recording an answer", daemon=True).start()
            raise
        busy.give_back(channel)
        self.delivered.count(attempt)
        if not attempt.answer.is_sent:
            self._left_alone.add(channel)

    def _whenever(self, attempt: Attempt) -> None:
        """In the attempt's thread: hands it to the run, or finishes it here if that has gone on meanwhile."""
        with self._lock:
            if not self._is_left:
                self._over.put(attempt)
                return
        finish_late(attempt)

    def _leave(self) -> None:
        with self._lock:
            self._is_left = True
        # Those that came in the last moment.
        while not self._over.empty():
            with suppress(Error):
                self._finish(self._over.get())
        self.delivered.slow = len(self._under_way)


def finish_late(attempt: Attempt) -> None:
    """Records an attempt in its own thread, with a connection to the database of its own, and sends what else is due
    to its channel: nobody waits for it any more."""
    try:
        _record_at_last(attempt)
        while attempt.answer.is_sent and (following := _next(attempt)):
            attempt = following
            attempt.send()
            _record_at_last(attempt)
    except Exception:
        logger.exception("What %s answered could not be recorded; it is sent again", attempt.channel)
    finally:
        busy.give_back(attempt.notice.channel_id)
        connections.close_all()


def _record_at_last(attempt: Attempt) -> None:
    """Tries again while the database cannot be used, until the claim is over and another process sends the notice."""
    while True:
        try:
            record(attempt)
        except Error:
            if attempt.now > attempt.began_at + CLAIM:
                raise
            connections.close_all()
            time.sleep(RETRY_SECONDS)
        else:
            return


def _next(attempt: Attempt) -> Attempt | None:
    now = attempt.now
    due = Notice.objects.due(now).filter(channel=attempt.channel, channel__enabled=True, channel__disabled_at=None)
    notice = due.select_related("channel").first()
    if notice is None:
        return None
    claim = claim_for(notice)
    if not Notice.objects.claim(notice, now, now + claim):
        return None
    busy.extend(attempt.notice.channel_id, claim)
    return Attempt(notice, attempt.site, now)
