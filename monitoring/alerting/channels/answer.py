"""What is sent to a receiver, and what it answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from monitoring.core.inputs import echo

LONGEST_ANSWER = 200
TEMPORARY_REFUSALS = (408, 425, 429)
"""The statuses of 400 to 499 after which the same request may succeed later."""


class Address(NamedTuple):
    """Where to send: the decrypted URL, or addresses between commas, and the decrypted secret."""

    target: str
    secret: str = ""


class Message(NamedTuple):
    """One notice, as senders need it. The `key` is the same however often it is sent."""

    key: str
    kind: str
    channel: str
    site: str
    created_at: datetime
    content: dict[str, Any]


class SendResult(NamedTuple):
    """The outcome of one attempt. If it is permanent, trying again is of no use: somebody must correct the channel.

    The text is one line without secrets. `retry_after`, in seconds, is how long the receiver wants to be left alone.
    """

    is_sent: bool
    text: str
    is_permanent: bool = False
    retry_after: float | None = None


def sent(text: str) -> SendResult:
    return SendResult(True, echo(text, LONGEST_ANSWER))


def failed(text: str, *, is_permanent: bool = False, retry_after: float | None = None) -> SendResult:
    return SendResult(False, echo(text, LONGEST_ANSWER), is_permanent, retry_after)


def is_permanent_status(status: int) -> bool:
    return status in (301, 308) or (400 <= status < 500 and status not in TEMPORARY_REFUSALS)
