"""What a failure of the monitor costs: a count and a log line, never the application."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from monitoring.core.clock import Clock

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0


class Rescue:
    """Counts failures in `errors` and logs each kind's traceback at most once a minute."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.errors = 0
        self._clock = clock
        self._logged: dict[str, float] = {}

    def failed(self, what: str) -> None:
        """Counts the exception that is being handled; `what` names the failing operation, from a fixed set."""
        self.errors += 1
        now = self._clock()
        if now - self._logged.get(what, -PAUSE_SECONDS) >= PAUSE_SECONDS:
            self._logged[what] = now
            logger.exception("PerformanceMonitor: %s failed", what)

    @contextmanager
    def guarding(self, what: str) -> Iterator[None]:
        """Does for a block what `failed` does in an `except`."""
        try:
            yield
        except Exception:
            self.failed(what)
