"""Asks that the outbox be sent as soon as the transaction has committed that wrote into it.

Sending is the work of a worker, which this package does not know: `apps.py` connects a way to ask one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_sends_itself: ContextVar[bool] = ContextVar("_sends_itself", default=False)


def _nothing() -> None:
    """Until something is connected, the next minute sends."""


class Asking:
    how: Callable[[], None] = staticmethod(_nothing)


asking = Asking()


def ask() -> None:
    if not _sends_itself.get():
        asking.how()


@contextmanager
def sent_after() -> Iterator[None]:
    """Around what writes notices and then sends them itself."""
    token = _sends_itself.set(True)
    try:
        yield
    finally:
        _sends_itself.reset(token)
