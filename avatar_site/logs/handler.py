"""Where the log goes: all output of a site's process passes through one handler, to stderr.

Servers and Celery bring their own handlers, and Python writes some failures without the log.
"""

from __future__ import annotations

import atexit
import io
import logging
import logging.config
import os
import re
import sys
import threading
from collections.abc import Mapping
from typing import Any

from avatar_site.logs.log_event import FORMATS, EventFormatter, LogEvent, as_json

SERVERS_LOGGERS = (
    *("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"),
    *("gunicorn", "gunicorn.error", "gunicorn.access", "_granian", "granian.access"),
)
SAYS_WHERE = "daphne.cli"
# Celery's levels may be set on its command line.
CELERYS_LOGGERS = ("celery", "kombu", "amqp")

# Commands also report progress on stderr.
ERROR = re.compile(r"error|exception|traceback|fatal|fail|abort", re.IGNORECASE)

logger = logging.getLogger(__name__)


class StrayLines(io.TextIOBase):
    """Replaces stderr when the log is JSON: each line written outside the log becomes an event."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self._partial = ""
        self._failed = False
        self._lock = threading.RLock()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(self.stream.encoding)

    def fileno(self) -> int:
        return int(self.stream.fileno())

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            *whole, self._partial = (self._partial + text).split("\n")
            for line in whole:
                self._put(line)
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def finish(self) -> None:
        with self._lock:
            self._put(self._partial)
            self._partial = ""

    def _put(self, line: str) -> None:
        if line.strip():
            # Text after an error belongs to it, as with Django's system checks.
            self._failed = self._failed or bool(ERROR.search(line))
            self.stream.write(as_json(LogEvent(line.rstrip(), "ERROR" if self._failed else "INFO")) + "\n")
            self.stream.flush()


class LogHandler(logging.StreamHandler[Any]):
    """Writes to the real stderr, because events are already lines."""

    def __init__(self) -> None:
        super().__init__(sys.stderr.stream if isinstance(sys.stderr, StrayLines) else sys.stderr)


def begin() -> None:
    """Makes everything that goes wrong before the settings are loaded use the log's format, too."""
    form = os.environ.get("AVATAR_LOG_FORMAT", "").strip()
    # The level for anything that logs while the settings are read.
    last = LogHandler()
    last.setLevel(logging.WARNING)
    last.setFormatter(EventFormatter("json" if form == "json" else "text"))
    logging.lastResort = last
    if form == "json" and not isinstance(sys.stderr, StrayLines):
        sys.stderr = StrayLines(sys.stderr)
        atexit.register(sys.stderr.finish)
        threading.excepthook = _of_thread
        sys.excepthook = _uncaught


def configure(config: Mapping[str, Any]) -> None:
    """Applies Django's LOGGING, and takes over what servers have set up before and what Python writes by itself."""
    begin()
    # daphne's command line has set it with `--verbosity`.
    asked = logging.getLogger().level
    logging.config.dictConfig(dict(config))
    logging.getLogger(SAYS_WHERE).setLevel(min(asked, logging.WARNING))
    for name in SERVERS_LOGGERS:
        _hand_over(logging.getLogger(name))
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook, sys.unraisablehook = _uncaught, _of_thread, _unraisable


def configure_celery(config: Mapping[str, Any], level: int | None) -> None:
    """The same for Celery's processes, with the level from their command line for their own loggers."""
    configure(config)
    for name in CELERYS_LOGGERS:
        logging.getLogger(name).setLevel(level or logging.WARNING)


def _hand_over(of: logging.Logger) -> None:
    """Drops handlers that write to the terminal, so that the root's handler does; files that an operator chose stay."""
    for handler in list(of.handlers):
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
            of.removeHandler(handler)
    if not of.handlers:
        of.propagate = True


def _uncaught(kind: type[BaseException], error: BaseException, place: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, place)
    elif logging.getLogger().handlers:
        logger.critical("%s: %s", kind.__name__, error, exc_info=(kind, error, place))
    else:
        text = logging.Formatter().formatException((kind, error, place))
        stream = sys.stderr.stream if isinstance(sys.stderr, StrayLines) else sys.stderr
        form = FORMATS["json" if isinstance(sys.stderr, StrayLines) else "text"]
        stream.write(form(LogEvent(f"{kind.__name__}: {error}", "CRITICAL", traceback=text)) + "\n")


def _of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _unraisable(failed: sys.UnraisableHookArgs) -> None:
    text = failed.err_msg or "Exception ignored in"
    logger.error("%s %r", text, failed.object, exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback))  # type: ignore[arg-type]
