"""What one log event is, and how it is written: as text or as one JSON object per line."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from avatar_site.logs.redaction import redacted

PROCESS_VARIABLE = "SITE_PROCESS"
SERVERS = {"daphne", "uvicorn", "gunicorn", "granian", "hypercorn", "runserver"}
COMMANDS = {"start_avatar_web_server": "supervisor", "simulate_avatars": "avatars"}
INDENT = "    "

LONGEST_MESSAGE, LONGEST_TRACEBACK = 4_000, 8_000
"""Characters; a supervisor takes lines of 64 KiB."""

# Text that a client influences must not look like somebody else's lines, or control a terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """`process` is what runs, such as web-1, worker or migrate; `traceback` is empty unless there was an exception."""

    message: str
    level: str = "INFO"
    process: str = field(default_factory=lambda: process_name())
    pid: int = field(default_factory=os.getpid)
    logger: str = ""
    traceback: str = ""
    time: float = field(default_factory=time.time)


def process_name(arguments: Sequence[str] | None = None) -> str:
    """The name that this process's supervisor gave it, or else what its command line says."""
    given = os.environ.get(PROCESS_VARIABLE)
    if given:
        return given
    program, *words = arguments or sys.argv or [""]
    path = Path(program)
    stem = path.parent.name if path.name == "__main__.py" else path.stem
    if stem == "celery":
        return next((word for word in words if word in ("worker", "beat")), stem)
    if stem == "manage" and words:
        stem = words[0]
    return "web" if stem in SERVERS else COMMANDS.get(stem, stem if stem.strip("-c") else "python")


def as_text(event: LogEvent) -> str:
    """One line; further lines of the message or a traceback follow indented."""
    where = f" {event.logger}" if event.logger else ""
    first, *more = _lines(_message(event))
    more += _lines(_traceback(event)) if event.traceback else []
    head = f"{_timestamp(event)} {event.level} {event.process}[{event.pid}]{where}: {first}"
    return "\n".join([head, *(INDENT + line for line in more)])


def as_json(event: LogEvent) -> str:
    """One line with `time`, `level`, `process`, `pid`, `message` and, if present, `logger` and `traceback`."""
    found = {
        "time": _timestamp(event),
        "level": event.level,
        "process": event.process,
        "pid": event.pid,
        "logger": event.logger,
        "message": _message(event),
        "traceback": _traceback(event),
    }
    text = json.dumps({name: value for name, value in found.items() if value != ""}, ensure_ascii=False)
    # JSON itself escapes only the first 32, and some readers split lines at others.
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


FORMATS: dict[str, Callable[[LogEvent], str]] = {"text": as_text, "json": as_json}
OWN_LINE = {
    "text": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \S+\[\d+\]"),
    "json": re.compile(r'\{"time": "\d{4}-.*\}'),
}
"""How a line begins that one of these wrote."""


class EventFormatter(logging.Formatter):
    """Writes each record as one event. `form` is text or json."""

    def __init__(self, form: str = "text") -> None:
        super().__init__()
        self._write = FORMATS[form]
        self._process = process_name()

    def format(self, record: logging.LogRecord) -> str:
        traceback = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        if record.stack_info:
            traceback = f"{traceback}\n{record.stack_info}".strip()
        return self._write(
            LogEvent(
                record.getMessage(),
                record.levelname,
                self._process,
                record.process or os.getpid(),
                record.name,
                traceback,
                record.created,
            )
        )


def _message(event: LogEvent) -> str:
    text = redacted(event.message).strip("\r\n")
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"


def _traceback(event: LogEvent) -> str:
    text = redacted(event.traceback).strip("\r\n")
    return text if len(text) <= LONGEST_TRACEBACK else "…" + text[-LONGEST_TRACEBACK:]


def _lines(text: str) -> list[str]:
    return [CONTROL.sub(lambda found: ascii(found[0])[1:-1], line) for line in text.split("\n")]


def _timestamp(event: LogEvent) -> str:
    return datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
