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


def is_loaded() -> bool:
    """Whether daphne may serve this process: it has been imported.

    Its command does that before it imports the application. So does the app `daphne` in `INSTALLED_APPS`, whatever
    server runs then; `is_running` tells, once the event loop runs.
    """
    return "daphne.server" in sys.modules


def is_running() -> bool:
    """Whether daphne runs the current event loop."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if not is_loaded() or not getattr(reactor, "running", False):
        return False
    return getattr(reactor, "_asyncioEventloop", None) is asyncio.get_running_loop()


def install(start: Hook, stop: Hook) -> None:
    """Makes daphne await `start` once its loop runs and `stop` before it exits; under another server neither runs."""
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
