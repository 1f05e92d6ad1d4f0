"""Writes to a terminal, pipe or file from a thread, so that a reader who does not read stops nobody."""

import os
import select
import threading
from collections import deque
from contextlib import suppress
from typing import TextIO

MAX_WAITING_BYTES = 1024 * 1024


class BackgroundWriter:
    """Takes what a `Console` writes and never waits.

    What finds no room beside a megabyte that waits is dropped, and once there is room again a line says how much that
    was. It goes past the stream's own buffer, whose lock would not let the process end while the thread waits.
    """

    def __init__(self, stream: TextIO) -> None:
        self.encoding = stream.encoding or "utf-8"
        self._is_terminal = stream.isatty()
        stream.flush()
        self._descriptor = stream.fileno()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._dropped = 0
        self._is_gone = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="output", daemon=True).start()

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        """Raises OSError once nobody can read any more."""
        data = text.encode(self.encoding, "backslashreplace")
        with self._changed:
            if self._is_gone:
                raise BrokenPipeError
            # Once something was left out, the gap ends only when there is room for more than the next line.
            room = MAX_WAITING_BYTES // 2 if self._dropped else MAX_WAITING_BYTES
            if self._bytes and self._bytes + len(data) > room:
                self._dropped += data.count(b"\n")
            else:
                self._say_what_was_dropped()
                self._put(data)
        return len(text)

    def flush(self) -> None:
        """Does nothing: what was written is on its way."""

    def finish(self, seconds: float) -> None:
        """Waits until everything is written, so many seconds at most."""
        with self._changed:
            self._say_what_was_dropped()
            self._changed.wait_for(lambda: not self._bytes or self._is_gone, seconds)

    def _put(self, data: bytes) -> None:
        self._waiting.append(data)
        self._bytes += len(data)
        self._changed.notify_all()

    def _say_what_was_dropped(self) -> None:
        if self._dropped:
            self._put(f"({self._dropped} lines are left out here: nobody read them)\n".encode())
            self._dropped = 0

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                data = self._waiting.popleft()
            try:
                self._write_all(data)
            except OSError:
                with self._changed:
                    self._is_gone = True
                    self._changed.notify_all()
                return
            with self._changed:
                self._bytes -= len(data)
                self._changed.notify_all()

    def _write_all(self, data: bytes) -> None:
        while data:
            # It does not block where somebody else who has it open made it so.
            select.select([], [self._descriptor], [])
            with suppress(BlockingIOError):
                data = data[os.write(self._descriptor, data) :]
