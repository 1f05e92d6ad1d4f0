"""The pulse of a supervised process: it writes a byte to its supervisor's pipe again and again while it works."""

import asyncio
import fcntl
import os
import stat
import threading
import time
from contextlib import suppress
from functools import cache

from django.conf import settings

VARIABLE = "SITE_PULSE_FD"
PULSE_SECONDS = 2.0


class Pulse:
    """The writing end, as an inherited file descriptor; None if nobody listens. It never waits and never raises."""

    def __init__(self, descriptor: int | None) -> None:
        # A copy of its own, which stays open if whoever tidies up closes the inherited number.
        self._descriptor = os.dup(descriptor) if descriptor is not None and _is_pipe(descriptor) else None
        self._pipe = _file_of(self._descriptor)
        self._task: asyncio.Task[None] | None = None

    def beat(self) -> None:
        if self._descriptor is None:
            return
        if _file_of(self._descriptor) != self._pipe:
            # Somebody closed it, and its number may now belong to a socket or the database.
            self._descriptor = None
            return
        try:
            # A full pipe holds enough of them.
            with suppress(BlockingIOError):
                os.write(self._descriptor, b".")
        except OSError:
            # Nobody reads any more. It stays open until the process ends, because its number may be another's by now.
            self._descriptor = None

    async def start(self) -> None:
        """Beats from now on as long as the running event loop turns."""
        if self._descriptor is not None:
            self._task = asyncio.create_task(self._beat_on())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def start_thread(self) -> None:
        """Beats from now on as long as the process runs, whatever its main thread waits for."""
        if self._descriptor is not None:
            threading.Thread(target=self._beat_for_ever, name="pulse", daemon=True).start()

    async def _beat_on(self) -> None:
        while self._descriptor is not None:
            self.beat()
            await asyncio.sleep(PULSE_SECONDS)

    def _beat_for_ever(self) -> None:
        while self._descriptor is not None:
            self.beat()
            time.sleep(PULSE_SECONDS)


@cache
def own() -> Pulse:
    """This process's pulse."""
    return Pulse(settings.PULSE_FD)


def _file_of(descriptor: int | None) -> tuple[int, int] | None:
    """Device and inode of the open file with this number; None if there is none."""
    try:
        found = None if descriptor is None else os.fstat(descriptor)
    except OSError:
        return None
    return found and (found.st_dev, found.st_ino)


def _is_pipe(descriptor: int) -> bool:
    """Whether it is open, writable and a pipe; if so, processes started by this one do not inherit it."""
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return False
        os.set_blocking(descriptor, False)
        os.set_inheritable(descriptor, False)
        return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
    except OSError:
        return False
