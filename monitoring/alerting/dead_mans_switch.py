"""Tells a service outside, such as healthchecks.io, each minute that the history is stored; if nothing comes, it calls.

A call to AVATAR_HEARTBEAT_URL itself says that the run went well, with /start added that one has begun, and with /fail
that it failed, and why. No call delays what it speaks of.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from monitoring import conf
from monitoring.alerting.channels.http_call import CallFailedError, call
from monitoring.core.inputs import echo
from monitoring.parsers import presentable

SECONDS = 5.0
LEAST_PAUSE = 45.0
LONGEST_REASON = 200
MOST_WAITING = 6
"""Calls that wait because the service is slow; further ones are left out."""

logger = logging.getLogger(__name__)


class Switch:
    """Makes the calls one after the other in a thread of its own; the log has a line when they begin to fail, and one
    when they work again."""

    def __init__(self, make: Callable[..., Any] = call, clock: Callable[[], float] = time.monotonic) -> None:
        self._call, self._clock = make, clock
        self._told_at = -math.inf
        self._waiting: list[tuple[str, bytes | None]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_failing = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one run: tells that it begins, and how it ended. Does nothing without AVATAR_HEARTBEAT_URL.

        Of the runs between two minutes, which alerts ask for, none is told.
        """
        url = conf.current().heartbeat_url
        if not url or self._clock() - self._told_at < LEAST_PAUSE:
            yield
            return
        self._told_at = self._clock()
        self._tell(url, "/start")
        try:
            yield
        except Exception as error:
            self._tell(url, "/fail", presentable(f"{type(error).__name__}: {error}"))
            raise
        self._tell(url)

    def wait(self, seconds: float = SECONDS) -> None:
        """Until all calls are made, for processes that end now."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _tell(self, url: str, what: str = "", reason: str = "") -> None:
        body = echo(reason, LONGEST_REASON).encode() if reason else None
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append((_extended(url, what), body))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                url, body = self._waiting.pop(0)
            self._make(url, body)

    def _make(self, url: str, body: bytes | None) -> None:
        try:
            status = self._call(url, body, seconds=SECONDS).status
            problem = "" if 200 <= status < 300 else f"it answers {status}"
        except CallFailedError as error:
            problem = str(error)
        except Exception as error:
            problem = type(error).__name__  # its text may hold the URL
        if problem and not self._is_failing:
            logger.warning("AVATAR_HEARTBEAT_URL cannot be called: %s", problem)
        elif self._is_failing and not problem:
            logger.warning("AVATAR_HEARTBEAT_URL can be called again")
        self._is_failing = bool(problem)


def _extended(url: str, what: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + what)) if what else url


switch = Switch()
