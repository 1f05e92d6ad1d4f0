"""What a failure of the monitor costs: a count and a log line, never the application."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from monitoring.core.clock import Clock

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0


class OnceAMinute:
    """Which lines of the log are due: one a minute of each kind, from a fixed set of kinds.

    Where the site limits its whole log, this still keeps what a failure costs small, and in a host's project, whose
    logging is its own, it is the only limit.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._logged: dict[str, float] = {}

    def is_due(self, kind: str) -> bool:
        """Whether the line is to be logged now; then the next one is due in a minute."""
        now = self._clock()
        if now - self._logged.get(kind, -PAUSE_SECONDS) < PAUSE_SECONDS:
            return False
        self._logged[kind] = now
        return True


class Rescue:
    """Counts failures in `errors` and logs each kind's traceback at most once a minute."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.errors = 0
        self._due = OnceAMinute(clock)

    def failed(self, what: str) -> None:
        """Counts the exception that is being handled; `what` names the failing operation, from a fixed set."""
        self.errors += 1
        if self._due.is_due(what):
            logger.exception("PerformanceMonitor: %s failed", what)

    def is_due(self, kind: str) -> bool:
        """Whether a line of this kind, from a fixed set, is to be logged now: once a minute."""
        return self._due.is_due(kind)

    def refused(self, what: str, why: str) -> None:
        """Counts something that was given and cannot be taken; `why` also says what is allowed."""
        self.errors += 1
        if self._due.is_due(what):
            logger.warning("PerformanceMonitor: %s %s", what, why)

    @contextmanager
    def guarding(self, what: str) -> Iterator[None]:
        """Does for a block what `failed` does in an `except`."""
        try:
            yield
        except Exception:
            self.failed(what)
