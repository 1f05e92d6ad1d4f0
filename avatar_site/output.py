"""The output of a process, as lines."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

MAX_LINE = 64 * 1024


class Output:
    """The readable end of a pipe, read without waiting. `ended` is set once nothing more can come."""

    def __init__(self, pipe: IO[bytes], hidden: Sequence[str] = ()) -> None:
        self.ended = False
        self._pipe = pipe
        self._hidden = hidden
        self._partial = b""
        os.set_blocking(pipe.fileno(), False)

    def fileno(self) -> int:
        return self._pipe.fileno()

    def lines(self) -> list[str]:
        """The complete lines that came, without empty and hidden ones; at the end also the last, unfinished one."""
        with suppress(BlockingIOError):
            piece = os.read(self.fileno(), MAX_LINE)
            self.ended = not piece
            self._partial += piece or b"\n"
        # A line without an end must not fill the memory.
        if len(self._partial) > MAX_LINE:
            self._partial += b"\n"
        *whole, self._partial = self._partial.split(b"\n")
        texts = (line.decode(errors="replace").rstrip() for line in whole)
        return [text for text in texts if text and not any(part in text for part in self._hidden)]

    def close(self) -> None:
        self._pipe.close()
