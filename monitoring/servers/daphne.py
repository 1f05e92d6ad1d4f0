"""Start and stop under daphne, which has no ASGI lifespan.

Of Twisted's hooks only these two work: `callLater`, because by then the asyncio loop runs (under `callWhenRunning` it
does not yet), and a "before shutdown" trigger whose Deferred daphne waits for.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Hook = Callable[[], Awaitable[None]]


def is_daphne() -> bool:
    """Whether daphne imports us: its command has been imported by then, and nothing else imports it."""
    return "daphne.server" in sys.modules


def install(start: Hook, stop: Hook) -> None:
    """Makes daphne await `start` once its loop runs and `stop` before it exits."""
    from twisted.internet import defer
    from twisted.internet import reactor as installed

    # Twisted's module of this name stands for the installed reactor.
    reactor: Any = installed

    def starting() -> None:
        asyncio.ensure_future(start())  # noqa: RUF006 - lives until start returns, the loop is daphne's own

    def stopping() -> defer.Deferred[None]:
        return defer.Deferred.fromFuture(asyncio.ensure_future(stop()))

    reactor.callLater(0, starting)
    reactor.addSystemEventTrigger("before", "shutdown", stopping)
