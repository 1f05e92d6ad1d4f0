"""One supervised process: how it is started, ended, and when it is due again after it died."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from avatar_site.output import Output
from avatar_site.parent_death import end_with_parent

MAX_DELAY = 30.0
STEADY_SECONDS = 60.0


def at_once(_started: float) -> bool:
    return True


@dataclass(frozen=True)
class Process:
    """What is to run. `is_ready` gets the time.time() of the start; it is asked often and answers within a second."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    inherited: tuple[int, ...] = ()
    directory: Path | None = None
    is_ready: Callable[[float], bool] = at_once
    hidden_lines: tuple[str, ...] = ()


def next_delay(delay: float, lived: float) -> float:
    """Seconds until the next start of a process that died, given the delay before and the seconds that it lived."""
    return min(MAX_DELAY, delay * 2) if delay and lived < STEADY_SECONDS else 1.0


class Child:
    """A process and its restarts. Between an exit and the next start it has no `pid`, but a time when it is `due`."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.name = process.name
        self.output: Output | None = None
        self.ready_after: float | None = None
        self.exit_code: int | None = None
        self.delay = 0.0
        self.due: float | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self.exit_code or 0
        return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"exited (code {code})"

    def spawn(self) -> Output:
        self.due, self.ready_after, self.exit_code = None, None, None
        self._started, self._started_at = time.monotonic(), time.time()
        self._popen = subprocess.Popen(
            list(self.process.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.process.directory,
            env={**os.environ, **self.process.environment},
            pass_fds=self.process.inherited,
            preexec_fn=end_with_parent(),
            # Ctrl-C in the terminal reaches the supervisor only, which then stops the others in order.
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        self.output = Output(self._popen.stdout, self.process.hidden_lines)
        return self.output

    def check_ready(self) -> bool:
        if self.ready_after is None and self.process.is_ready(self._started_at):
            self.ready_after = time.monotonic() - self._started
        return self.ready_after is not None

    def reap(self) -> bool:
        """Whether the process has ended since it was last asked; from then on it is due again."""
        if self._popen is None or self._popen.poll() is None:
            return False
        self.exit_code, self._popen = self._popen.returncode, None
        self.put_off()
        return True

    def put_off(self) -> None:
        """Makes the next start due, the later the more often it failed."""
        now = time.monotonic()
        self.delay = next_delay(self.delay, now - self._started)
        self.due = now + self.delay

    def ask_to_stop(self) -> None:
        self.due = None
        if self._popen is not None:
            self._popen.terminate()

    def kill(self) -> None:
        """Has the kernel end the process and all that it started itself."""
        if self._popen is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
