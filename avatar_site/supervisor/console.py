"""What the operator sees: the lines of all processes, coloured by process in a terminal, and tables."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from avatar_site.logs.log_event import FORMATS, INDENT, OWN_LINE, LogEvent

COLOURS = (36, 32, 35, 33, 34)
PROCESS = re.compile(r"(?<= )\S+\[\d+\]")
WARNING = "Warning: "
TRACEBACK = "Traceback (most recent call last):"
MOST_LINES = 500
VALKEY = re.compile(r"\d+:[A-Z] \d+ \w+ \d{4} [\d:.]+ (?P<level>[.*#-]) (?P<message>.*)")
VALKEYS_LEVELS = {".": "DEBUG", "-": "DEBUG", "*": "INFO", "#": "WARNING"}


class Stream(Protocol):
    """The target of the output: a text file, or something that writes in the background."""

    @property
    def encoding(self) -> str: ...

    def isatty(self) -> bool: ...

    def write(self, text: str, /) -> Any: ...

    def flush(self) -> None: ...


class Console:
    """Writes to a stream, each text and its line end in one piece. `form` is how events are written: text or json.

    Once the stream is gone, like a closed terminal, it writes nothing and raises nothing.
    """

    def __init__(self, stream: Stream, form: str = "text") -> None:
        self.stream = stream
        self._form = form
        self._is_terminal = stream.isatty() and form == "text"
        # https://no-color.org
        self._coloured = self._is_terminal and not os.environ.get("NO_COLOR")
        self._colours: dict[str, int] = {}
        self._outputs: dict[str, ChildOutput] = {}

    def say(self, text: str = "") -> None:
        """Writes an event of this process; a text that begins with "Warning: " is a warning."""
        level = "WARNING" if text.startswith(WARNING) else "INFO"
        self._write(FORMATS[self._form](LogEvent(text.removeprefix(WARNING), level)))

    def warn(self, text: str) -> None:
        self.say(WARNING + text)

    def log(self, name: str, line: str, pid: int | None = None) -> None:
        """Writes a line of the process with this name."""
        output = self._outputs.setdefault(name, ChildOutput(name, self._form))
        for written in output.lines(line, pid):
            self._write(self._painted(name, written))

    def ended(self, name: str, pid: int | None = None) -> None:
        """The process with this name writes nothing more."""
        if name in self._outputs:
            for written in self._outputs[name].finish(pid):
                self._write(self._painted(name, written))

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Writes columns as wide as their widest cell; the first row is the heading. In a log each row is an event."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self._show("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def box(self, lines: Sequence[str]) -> None:
        """Writes lines in a box; in a log each line is an event."""
        width = max(map(len, lines))
        edge = [f"+{'-' * (width + 2)}+"] if self._is_terminal else []
        for line in [*edge, *(f"| {line.ljust(width)} |" if edge else line for line in lines), *edge]:
            self._show(line)

    def _show(self, text: str) -> None:
        if self._is_terminal:
            self._write(text)
        else:
            self.say(text)

    def _painted(self, name: str, line: str) -> str:
        if not self._coloured:
            return line
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        return PROCESS.sub(lambda found: f"\033[{colour}m{found[0]}\033[0m", line, count=1)

    def _write(self, text: str) -> None:
        try:
            encoding = self.stream.encoding or "utf-8"
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self.stream.flush()
        except (OSError, ValueError):
            # Nobody is left to tell, but the processes still have to be looked after.
            self.stream = open(os.devnull, "w")  # noqa: SIM115


class ChildOutput:
    """Takes the lines of one process in order. `form` is text or json."""

    def __init__(self, name: str, form: str) -> None:
        self._name = name
        self._form = form
        self._write: Callable[[LogEvent], str] = FORMATS[form]
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
        return [self._write(LogEvent(text.rsplit("\n", 1)[-1].strip(), "ERROR", self._name, pid or 0, "", text))]

    def _further(self, line: str, pid: int | None) -> list[str]:
        self._traceback.append(line)
        is_last = not line.startswith((" ", TRACEBACK, "During handling", "The above exception"))
        return self.finish(pid) if is_last or len(self._traceback) >= MOST_LINES else []

    def _event(self, line: str, pid: int | None) -> LogEvent:
        if found := VALKEY.fullmatch(line):
            return LogEvent(found["message"], VALKEYS_LEVELS[found["level"]], self._name, pid or 0)
        return LogEvent(line, "INFO", self._name, pid or 0)
