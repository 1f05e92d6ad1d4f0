"""Runs the jobs that keep the history at their times, in one process, until a signal ends it."""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType

import redis
from django.db import Error, close_old_connections, connections, reset_queries

from monitoring import conf
from monitoring.core.counted import counted
from monitoring.jobs import JOBS
from monitoring.journal.wake_list import WakeList
from monitoring.parsers import presentable
from monitoring.site import SiteUnknownError
from monitoring.storage.timetable import TIMES
from monitoring.unmigrated import reason

REDIS, DATABASE = "Redis", "the database"
SIGNALS = signal.SIGTERM, signal.SIGINT
RETRY_SECONDS = 60.0
ASKED_FOR = "store_snapshots"
LEAST_PAUSE = 1.0
"""Between two runs that nodes ask for: each stores all that has come."""

SHORTEST_WAIT = 0.01
"""To Redis, waiting for no time is waiting forever."""

LONGEST_WAIT = 60.0
"""In one piece: a clock that is corrected meanwhile is noticed after it."""

logger = logging.getLogger(__name__)


class EndedError(BaseException):
    """A signal said that the process is to end; nothing that catches errors may go on."""


class Outages:
    """One line in the log when a part fails and one when it works again, however long and often it fails meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}
        self._failing: dict[str, set[str]] = {}

    def failed(self, job: str, part: str, text: str, *, with_traceback: bool = False) -> None:
        if part not in self._since:
            self._since[part] = self._clock()
            logger.warning("History is not stored: %s. Trying again every minute", text, exc_info=with_traceback)
        self._failing.setdefault(part, set()).add(job)

    def succeeded(self, job: str) -> None:
        """A part works again once every job succeeds that failed because of it."""
        for part, jobs in list(self._failing.items()):
            jobs.discard(job)
            if not jobs:
                minutes = round((self._clock() - self._since.pop(part)) / 60)
                del self._failing[part]
                logger.warning("History is stored again: %s failed for %s", part, counted(minutes, "minute"))


def failure(error: Exception) -> tuple[str, str]:
    """Which part an error of a job is about, and what it says in one line."""
    if isinstance(error, redis.RedisError):
        return REDIS, f"Redis cannot be used ({presentable(str(error) or type(error).__name__)})"
    if isinstance(error, SiteUnknownError):
        return DATABASE, str(error)
    if isinstance(error, Error):
        return DATABASE, f"the database cannot be used ({presentable(reason(error))})"
    return "", presentable(f"{type(error).__name__}: {error}")


class StoreLoop:
    """Runs the jobs at the times of TIMES, one after the other; one that fails is tried again after RETRY_SECONDS.

    `clock` returns UTC epoch seconds. `wait` waits for so many seconds and says whether a node asked for storing
    meanwhile.
    """

    def __init__(
        self,
        jobs: Mapping[str, Callable[[], object]] = JOBS,
        *,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._jobs, self._clock = jobs, clock
        self._wait = wait or Waiting().wait
        # At the start, whatever has waited is due.
        self._due = dict.fromkeys(jobs, 0.0)
        self._outages = Outages()

    def run(self, ending: EndBySignal) -> None:
        """Runs all jobs at once and then each at its times, until a signal ends it."""
        try:
            while not ending.is_told:
                self.turn()
        except EndedError:
            logger.debug("Ended between two transactions")

    def turn(self) -> None:
        """Runs the job that is due next, or waits for it: at most a minute, or until a node asks for it."""
        now = self._clock()
        # Whatever is overdue stays so; everything else follows a clock that was set back.
        self._due = {name: min(at, TIMES[name].next_after(now)) for name, at in self._due.items()}
        name = min(self._due, key=self._due.__getitem__)
        if self._due[name] > now:
            if self._wait(min(self._due[name] - now, LONGEST_WAIT)):
                self._due[ASKED_FOR] = now
            return
        next_try = self._clock() + RETRY_SECONDS if self._fails(name) else math.inf
        self._due[name] = min(TIMES[name].next_after(self._clock()), next_try)

    def _fails(self, name: str) -> bool:
        # As Django does around each request: connections live for CONN_MAX_AGE, and not beyond an error, and what DEBUG
        # notes of each query is forgotten.
        close_old_connections()
        reset_queries()
        try:
            self._jobs[name]()
        except Exception as error:
            part, text = failure(error)
            self._outages.failed(name, part or name, text, with_traceback=not part)
            return True
        finally:
            close_old_connections()
        self._outages.succeeded(name)
        return False


class Waiting:
    """Waits for a time to pass, or for a node to ask that the journal be stored."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._list: WakeList | None = None
        self._woken_at = -math.inf

    def wait(self, seconds: float) -> bool:
        """Whether a node asked; one that asks again within a second is heard after it."""
        end = self._clock() + seconds
        self._sleep(min(seconds, max(0.0, self._woken_at + LEAST_PAUSE - self._clock())))
        try:
            self._list = self._list or WakeList(conf.current().redis_url)
            is_asked = self._list.wait(max(SHORTEST_WAIT, end - self._clock()))
        except (redis.RedisError, SiteUnknownError):
            # The job that needs Redis or the database says what is wrong with it.
            self._sleep(max(0.0, end - self._clock()))
            return False
        self._woken_at = self._clock() if is_asked else self._woken_at
        return is_asked


class EndBySignal:
    """Makes SIGTERM and SIGINT raise EndedError: at once, or as soon as the transaction that runs is over."""

    def __init__(self) -> None:
        self.is_told = False

    def listen(self) -> None:
        """In a thread of the project's own, which gets no signals, this does nothing."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            signal.signal(number, self._tell)

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self.is_told = True
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block:
                # If it is rolled back, its job fails, and the loop looks at `is_told`.
                connection.on_commit(self._end)
                return
        self._end()

    def _end(self) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # nothing is left to be told
        raise EndedError
