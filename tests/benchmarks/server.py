"""A server process on its own core, and the CPU time that it takes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from tests.benchmarks.machine import pinned
from tests.site import ROOT, eventually, free_port

START_SECONDS = 30.0
STOP_SECONDS = 20.0


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, those that ended included.

    It is the figure of /proc/<pid>/stat without its rounding to 10 ms: Linux numbers a process's CPU clock like this.
    """
    return time.clock_gettime((~pid << 3) | 2)


class Server:
    """Runs `python arguments`, in which PORT stands for a free port, as long as it is entered."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], cores: Iterable[int], log: Path) -> None:
        self.port = free_port()
        self._command = [sys.executable, *(word.replace("PORT", str(self.port)) for word in arguments)]
        self._environment = dict(environment)
        self._cores = tuple(cores)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not entered"
        return self._process.pid

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return cpu_seconds(self.pid)

    def logged(self) -> str:
        return self._log.read_text(errors="replace")

    def __enter__(self) -> Self:
        with self._log.open("wb") as log, pinned(*self._cores):
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            eventually(self._answers, seconds=START_SECONDS, what=f"{self._command} answers")
        except BaseException as error:
            self.__exit__()
            error.add_note(self.logged())
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "it ended at once"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
