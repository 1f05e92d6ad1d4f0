"""Turns the output of a supervised process into log events; its own events stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable

from avatar_site.log_events import FORMATS, INDENT, OWN_LINE, Event

TRACEBACK = "Traceback (most recent call last):"
MOST_LINES = 500

VALKEY = re.compile(r"\d+:[A-Z] \d+ \w+ \d{4} [\d:.]+ (?P<level>[.*#-]) (?P<message>.*)")
VALKEYS_LEVELS = {".": "DEBUG", "-": "DEBUG", "*": "INFO", "#": "WARNING"}


class ChildOutput:
    """Takes the lines of one process in order. `form` is text or json."""

    def __init__(self, name: str, form: str) -> None:
        self._name = name
        self._form = form
        self._write: Callable[[Event], str] = FORMATS[form]
        self._goes_on = False
        self._traceback: list[str] = []

    def lines(self, line: str, pid: int | None) -> list[str]:
        """What to write for a line; nothing until a traceback is complete."""
        if OWN_LINE[self._form].match(line):
            written = [*self.finish(pid), line]
            self._goes_on = True
            return written
        if self._traceback:
            return self._further(line, pid)
        if line.startswith(TRACEBACK):
            self._traceback = [line]
            return []
        # A continuation of an event; JSON has none.
        if self._goes_on and line.startswith(INDENT) and self._form == "text":
            return [line]
        self._goes_on = False
        return [self._write(self._event(line, pid))]

    def finish(self, pid: int | None) -> list[str]:
        """The rest of a traceback when the output ends."""
        if not self._traceback:
            return []
        text, self._traceback = "\n".join(self._traceback), []
        return [self._write(Event(text.rsplit("\n", 1)[-1].strip(), "ERROR", self._name, pid or 0, "", text))]

    def _further(self, line: str, pid: int | None) -> list[str]:
        self._traceback.append(line)
        is_last = not line.startswith((" ", TRACEBACK, "During handling", "The above exception"))
        return self.finish(pid) if is_last or len(self._traceback) >= MOST_LINES else []

    def _event(self, line: str, pid: int | None) -> Event:
        if found := VALKEY.fullmatch(line):
            return Event(found["message"], VALKEYS_LEVELS[found["level"]], self._name, pid or 0)
        return Event(line, "INFO", self._name, pid or 0)
