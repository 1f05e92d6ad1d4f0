"""What the operator sees in the terminal: lines with the name of the process they are from, and tables."""

import os
from collections.abc import Sequence
from typing import Any, Protocol

COLOURS = (36, 32, 35, 33, 34)
NAME_WIDTH = 8


class Stream(Protocol):
    """What it writes to: a text file, or something that writes in the background."""

    @property
    def encoding(self) -> str: ...

    def isatty(self) -> bool: ...

    def write(self, text: str, /) -> Any: ...

    def flush(self) -> None: ...


class Console:
    """Writes to a stream, each text with its end in one piece.

    Once that is gone, as a closed terminal is, it writes nothing and raises nothing.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        # https://no-color.org
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._colours: dict[str, int] = {}

    def say(self, text: str = "") -> None:
        try:
            encoding = self.stream.encoding or "utf-8"
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self.stream.flush()
        except (OSError, ValueError):
            # Nobody is left to be told, but the processes still have to be looked after.
            self.stream = open(os.devnull, "w")  # noqa: SIM115

    def log(self, name: str, line: str) -> None:
        """A line that the process of this name wrote."""
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        label = f"{name:<{NAME_WIDTH}} |"
        self.say(f"\033[{colour}m{label}\033[0m {line}" if self._coloured else f"{label} {line}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as their widest cell; the first row is the heading."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def box(self, lines: Sequence[str]) -> None:
        width = max(map(len, lines))
        edge = f"+{'-' * (width + 2)}+"
        self.say("\n".join([edge, *(f"| {line.ljust(width)} |" for line in lines), edge]))
