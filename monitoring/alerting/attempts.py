"""One attempt to send one notice, in a thread of its own, and what becomes of the notice after it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from types import ModuleType

from django.db import transaction

from monitoring.alerting import channel_failures, outbox
from monitoring.alerting.channels import alertmanager, apprise_url, email, webhook
from monitoring.alerting.channels.answer import Address, Message, SendResult, failed
from monitoring.alerting.encryption import SecretLostError, decrypted
from monitoring.alerting.environment_channels import url_of
from monitoring.extras import MissingExtraError
from monitoring.models import AlertChannel, Notice
from monitoring.models.notice import ALERTMANAGER, APPRISE, EMAIL, LONGEST_CLAIM, TEST, WEBHOOK

SENDERS: dict[str, ModuleType] = {APPRISE: apprise_url, EMAIL: email, WEBHOOK: webhook, ALERTMANAGER: alertmanager}
"""Each has `send(address, message)`."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=30)
"""Between two attempts; it doubles each time."""

GIVEN_UP_AFTER = timedelta(hours=24)
MOST_ANSWERS = 20
"""Of the attempts of one notice, the latest are kept."""

LONGEST_REASON = 255

logger = logging.getLogger(__name__)


class Attempt:
    """A notice that was claimed at `began_at`, on its way."""

    def __init__(self, notice: Notice, site_name: str, began_at: datetime) -> None:
        self.notice, self.channel, self.site, self.began_at = notice, notice.channel, site_name, began_at
        self.answer = failed("not sent")
        self._began = time.monotonic()
        # Read here: a thread that only sends uses no database.
        self._address, self._problem = address_of(self.channel)

    @property
    def now(self) -> datetime:
        """By the clock that said when it began."""
        return self.began_at + timedelta(seconds=time.monotonic() - self._began)

    def start(self, whenever: Callable[[Attempt], None]) -> None:
        """Sends in a thread, which calls `whenever` once there is an answer."""

        def run() -> None:
            self.send()
            whenever(self)

        threading.Thread(target=run, name=f"sending to {self.channel.name}", daemon=True).start()

    def send(self) -> None:
        notice = self.notice
        message = Message(str(notice.key), notice.kind, self.channel.name, self.site, notice.created_at, notice.content)
        self.answer = self._problem or _send(self.channel.kind, self._address, message)


def address_of(channel: AlertChannel) -> tuple[Address, SendResult | None]:
    """Where the channel sends, or why that is not known here."""
    if channel.fingerprint:
        url = url_of(channel)
        # Another process may have it.
        return (Address(url), None) if url else (Address(""), failed("its URL is not in this process's environment"))
    try:
        target = channel.target if channel.kind == EMAIL else decrypted(channel.target)
        return Address(target, decrypted(channel.secret)), None
    except SecretLostError as error:
        return Address(""), failed(str(error), is_permanent=True)
    except MissingExtraError as error:
        return Address(""), failed(str(error))


def _send(kind: str, address: Address, message: Message) -> SendResult:
    try:
        answer: SendResult = SENDERS[kind].send(address, message)
    except MissingExtraError as error:
        return failed(str(error))
    except Exception as error:
        # Its text may hold the address, which is a secret.
        logger.warning("Sending to %s raised %s", message.channel, type(error).__name__)
        return failed(f"sending raised {type(error).__name__}")
    return answer


def record(attempt: Attempt) -> None:
    """Writes down what was answered, and what follows from it for the notice and its channel."""
    notice, answer, now = attempt.notice, attempt.answer, attempt.now
    line = {
        "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "ok": answer.is_sent,
        "text": answer.text,
        "seconds": round((now - attempt.began_at).total_seconds(), 3),
    }
    answers = [*notice.answers, line][-MOST_ANSWERS:]
    row = Notice.objects.waiting().filter(pk=notice.pk)
    if answer.is_sent:
        row.update(sent_at=now, claimed_until=None, answers=answers)
        if notice.kind != TEST:
            _works(attempt.channel, now)
        return
    # If the claim is over, another process is at it, and its own answer counts.
    row = row.filter(attempts=notice.attempts + 1)
    if notice.kind == TEST or answer.is_permanent:
        row.update(given_up_at=now, claimed_until=None, answers=answers)
        if notice.kind != TEST:
            _disable(attempt.channel, answer.text, now)
        return
    again = now + pause(notice.attempts + 1, answer.retry_after)
    if again < notice.created_at + GIVEN_UP_AFTER:
        row.update(due_at=again, claimed_until=None, answers=answers)
        return
    if row.update(given_up_at=now, claimed_until=None, answers=answers):
        _gave_up(attempt.channel, answer.text, now)


LOST = "no answer was recorded: the process that sent it ended, or still waits for one"
CLAIM = timedelta(seconds=90)


def claim_for(notice: Notice) -> timedelta:
    """How long the next attempt may take, which has limits of its own; then another process may try.

    If the claim of the last attempt ran out, its line says so, and the next one is longer: whoever never answers is
    not asked by more and more threads.
    """
    if notice.claimed_until is not None:
        line = {"at": notice.claimed_until.astimezone(UTC).isoformat(timespec="milliseconds"), "ok": False}
        notice.answers = [*notice.answers, {**line, "text": LOST}][-MOST_ANSWERS:]
    lost = len(list(takewhile(lambda line: line["text"] == LOST, reversed(notice.answers))))
    return min(CLAIM * 2**lost, LONGEST_CLAIM)


def pause(attempts: int, retry_after: float | None, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after so many attempts, give or take a quarter; longer if the receiver asks for it."""
    doubled = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE) * (0.75 + chance() / 2)
    asked = timedelta(seconds=min(retry_after or 0.0, 2 * GIVEN_UP_AFTER.total_seconds()))
    return max(doubled, asked)


def _works(channel: AlertChannel, now: datetime) -> None:
    with transaction.atomic():
        if channel_failures.end(channel.name, now):
            outbox.plan_notices(now)


def _disable(channel: AlertChannel, reason: str, now: datetime) -> None:
    """Somebody must correct the channel: until then nothing is sent to it, and the other channels say so."""
    with transaction.atomic():
        usable = AlertChannel.objects.usable().filter(pk=channel.pk)
        if not usable.update(disabled_at=now, disabled_reason=reason[:LONGEST_REASON]):
            return
        logger.error("The alert channel %s is switched off: %s", channel.name, reason)
        channel_failures.begin(channel, reason, now)
        outbox.plan_notices(now)


def gave_up_waiting(notice: Notice, now: datetime) -> None:
    """For a notice whose time is over. If nobody ever tried to send it, that is not its channel's fault."""
    if notice.answers and notice.kind != TEST:
        _gave_up(notice.channel, notice.answers[-1]["text"], now)


def _gave_up(channel: AlertChannel, reason: str, now: datetime) -> None:
    hours = GIVEN_UP_AFTER.total_seconds() / 3600
    logger.error("A notice to the alert channel %s was given up after %d hours: %s", channel.name, hours, reason)
    with transaction.atomic():
        if channel_failures.begin(channel, f"a notice was given up after {hours:.0f} hours: {reason}", now):
            outbox.plan_notices(now)
