"""Keeps the log short: whatever clients cause is a few lines a minute, plus a count of the rest."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import RequestAborted, SuspiciousOperation

WINDOW_SECONDS = 60.0
LINES, TRACEBACKS = 5, 1
"""Lines of one kind per window."""

MOST_KINDS, MOST_KINDS_OF_LOGGER = 500, 20
LONGEST_SUSPICION = 300

ACCESS = {"daphne.access", "django.server", "uvicorn.access", "gunicorn.access"}
"""Someone who turns these on wants a line for each request."""

CELERYS = ("celery", "kombu")

Kind = tuple[object, ...]
Later = Callable[[float, Callable[[], None]], None]


def after(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


@dataclass(slots=True)
class LogWindow:
    began: float
    seen: int = 0


class Sparing(logging.Filter):
    """Lets five lines, or one traceback, of a kind through per minute, and then logs how many more there were.

    It limits what clients can cause, in all loggers, those of libraries too. Callers that know how often their line is
    worth reading have limits of their own, which also hold in a project with another logging (`monitoring.core.rescue`,
    `monitoring.core.wire.other_formats`).

    A kind is a logger's text before its values are filled in, plus the place of the exception if there is one. Beyond
    twenty kinds of one logger per minute all others count as one, because some texts contain what a client has written.
    A suspicious request is one line, without the traceback that Django and daphne add.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, later: Later = after) -> None:
        super().__init__()
        self._clock = clock
        self._later = later
        self._windows: dict[Kind, LogWindow] = {}
        # A line may begin in the middle of another one of the same thread, from what is collected as garbage there.
        self._lock = threading.RLock()

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "is_summary", False) or record.name in ACCESS:
            return True
        if record.exc_info and isinstance(record.exc_info[1], RequestAborted):
            # The client has left: this is Django's own exception for that, and asyncio reports that nobody handled it.
            return False
        _shorten(record)
        kind, now = _kind(record), self._clock()
        most = TRACEBACKS if record.exc_info else LINES
        with self._lock:
            if kind not in self._windows and self._has_many(record.name, now):
                kind = (record.name,)
            window = self._windows.get(kind)
            if window is None or now - window.began >= WINDOW_SECONDS:
                if len(self._windows) >= MOST_KINDS:
                    self._windows.clear()
                window = self._windows[kind] = LogWindow(now)
            window.seen += 1
            if window.seen == most + 1:
                self._later(window.began + WINDOW_SECONDS - now, lambda: _summarise(record, window, most))
            return window.seen <= most

    def _has_many(self, logger: str, now: float) -> bool:
        recent = (now - window.began < WINDOW_SECONDS for kind, window in self._windows.items() if kind[0] == logger)
        return sum(recent) >= MOST_KINDS_OF_LOGGER


class Reasonless(logging.Filter):
    """Leaves out that an answer was 503: whatever gave it has logged the reason, which Django cannot."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503 or bool(record.exc_info)


def _shorten(record: logging.LogRecord) -> None:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, SuspiciousOperation):
        record.exc_info = record.exc_text = None
        # Django uses the error's own text, with what the client has sent, as the logger's message.
        record.msg, record.args = "%.*s", (LONGEST_SUSPICION, record.getMessage())
    elif record.name.startswith(CELERYS) and error is not None and _is_of_redis(error):
        # The worker and beat add a traceback, and beat its whole stack, each time that Redis refuses a command.
        first = record.getMessage().partition("\n")[0]
        said = " ".join(str(error).split())
        record.exc_info = record.exc_text = None
        record.msg, record.args = "%.*s", (LONGEST_SUSPICION, first if said in first else f"{first}: {said}")
    elif record.name.startswith("daphne") and isinstance(record.msg, str) and "Traceback (most" in record.msg:
        # daphne writes whole tracebacks as its message.
        record.msg, record.args = "Could not handle a request: %s", (record.msg.strip().splitlines()[-1],)


def _is_of_redis(error: BaseException | None) -> bool:
    """Whether the error comes from Redis, directly or through Celery; by name, as not every process loads redis-py."""
    while error is not None:
        if any(kind.__name__ == "RedisError" for kind in type(error).__mro__):
            return True
        error = error.__cause__ or error.__context__
    return False


def _kind(record: logging.LogRecord) -> Kind:
    place: Kind = ()
    if record.exc_info and record.exc_info[1] is not None:
        innermost = record.exc_info[2]
        while innermost is not None and innermost.tb_next is not None:
            innermost = innermost.tb_next
        line = innermost.tb_lineno if innermost else 0
        place = type(record.exc_info[1]).__name__, innermost.tb_frame.f_code.co_filename if innermost else "", line
    return record.name, record.levelno, str(record.msg)[:200], getattr(record, "status_code", None), *place


def _summarise(record: logging.LogRecord, window: LogWindow, most: int) -> None:
    text = record.getMessage().splitlines()
    logging.getLogger(record.name).log(
        record.levelno,
        "%d more like this in %d s: %.200s",
        window.seen - most,
        WINDOW_SECONDS,
        text[0] if text else "",
        extra={"is_summary": True},
    )
