"""Writes to a terminal, pipe or file from a thread, so that a stalled reader stops nobody."""

import os
import select
import threading
from collections import deque
from contextlib import suppress
from typing import TextIO

from monitoring.core.counted import counted

MAX_WAITING_BYTES = 1024 * 1024


class BackgroundWriter:
    """Takes what a `Console` writes and never waits.

    Lines that exceed a backlog of one megabyte are dropped; once there is room again, a line says how many. It bypasses
    the stream's own buffer, whose lock would keep the process from ending while the thread waits.
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
            # After lines were dropped, wait until there is room for more than just the next line.
            room = MAX_WAITING_BYTES // 2 if self._dropped else MAX_WAITING_BYTES
            if self._bytes and self._bytes + len(data) > room:
                self._dropped += data.count(b"\n")
            else:
                self._say_what_was_dropped()
                self._put(data)
        return len(text)

    def flush(self) -> None:
        """Does nothing: written lines are already on their way."""

    def finish(self, seconds: float) -> None:
        """Waits until everything is written, for at most this many seconds."""
        with self._changed:
            self._say_what_was_dropped()
            self._changed.wait_for(lambda: not self._bytes or self._is_gone, seconds)

    def _put(self, data: bytes) -> None:
        self._waiting.append(data)
        self._bytes += len(data)
        self._changed.notify_all()

    def _say_what_was_dropped(self) -> None:
        if self._dropped:
            self._put(f"({counted(self._dropped, 'line')} left out here because nobody read the output)\n".encode())
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
            # Somebody else who has it open may have made it non-blocking.
            select.select([], [self._descriptor], [])
            with suppress(BlockingIOError):
                data = data[os.write(self._descriptor, data) :]
