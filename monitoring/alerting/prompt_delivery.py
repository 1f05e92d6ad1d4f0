"""Asks that the outbox be sent as soon as the transaction has committed that wrote into it.

Sending is the work of a worker, which this package does not know: see `connected`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from monitoring.alerting.connected import connected

_sends_itself: ContextVar[bool] = ContextVar("_sends_itself", default=False)


def ask() -> None:
    if not _sends_itself.get():
        connected.ask_to_send()


@contextmanager
def sent_after() -> Iterator[None]:
    """Around what writes notices and then sends them itself."""
    token = _sends_itself.set(True)
    try:
        yield
    finally:
        _sends_itself.reset(token)
