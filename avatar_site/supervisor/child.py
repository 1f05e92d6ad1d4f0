"""One supervised process: how it is started and ended, and when it is due again after it died."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from avatar_site.logs.log_event import PROCESS_VARIABLE
from avatar_site.supervisor import pulse
from avatar_site.supervisor.parent_death import end_with_parent

MAX_DELAY = 30.0
STEADY_SECONDS = 60.0
READY_SECONDS = 30.0
MAX_PATIENCE = 480.0
SILENT_SECONDS = 20.0
ASK_SECONDS = 5.0
MAX_LINE = 64 * 1024


def at_once() -> bool:
    return True


class Output:
    """The readable end of a pipe, read without waiting. `ended` once nothing more can come."""

    def __init__(self, pipe: IO[bytes], hidden: Sequence[str] = ()) -> None:
        self.ended = False
        self._pipe = pipe
        self._hidden = hidden
        self._partial = b""
        os.set_blocking(pipe.fileno(), False)

    def fileno(self) -> int:
        return self._pipe.fileno()

    def lines(self) -> list[str]:
        """The whole lines that came, without empty and hidden ones; the last, unfinished one when it has ended."""
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


@dataclass(frozen=True)
class Process:
    """What to run, and how to know that it works.

    A process with `has_pulse` reports itself when it is ready and, from then on, that it is alive (pulse.py);
    `is_ready` is polled in addition. A process that cannot report has `is_alive`, which is polled instead. Both answer
    within a second. A process hangs if it is not heard for `silent_seconds`. The site does not start without its
    `essential` processes; the others may come later.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    inherited: tuple[int, ...] = ()
    directory: Path | None = None
    is_ready: Callable[[], bool] = at_once
    has_pulse: bool = False
    is_alive: Callable[[], bool] | None = None
    silent_seconds: float | None = None
    essential: bool = True
    hidden_lines: tuple[str, ...] = ()


def next_delay(delay: float, lived: float) -> float:
    """Seconds until the next start of a process that died, given the previous delay and its lifetime in seconds."""
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
        self.patience = READY_SECONDS
        self.last_pid: int | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._heard_at = 0.0
        self._has_been_heard = False
        self._pulse: int | None = None
        self._is_killed = False

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self.exit_code or 0
        return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"exited (code {code})"

    def spawn(self) -> Output:
        """Raises OSError if the process cannot be started; it is then due as before."""
        self._started = self._heard_at = time.monotonic()
        readable, writable = os.pipe()
        try:
            self._popen = self._open(writable)
            self.last_pid = self._popen.pid
        except OSError:
            os.close(readable)
            raise
        finally:
            os.close(writable)
        os.set_blocking(readable, False)
        self._pulse, self._has_been_heard, self._is_killed = readable, False, False
        self.due, self.ready_after, self.exit_code = None, None, None
        assert self._popen.stdout is not None
        self.output = Output(self._popen.stdout, self.process.hidden_lines)
        return self.output

    def check_ready(self) -> bool:
        """Whether it has been ready since its start; also reads its pulses."""
        self._listen()
        says_so = self._has_been_heard or not self.process.has_pulse
        if self.ready_after is None and self.pid is not None and says_so and self.process.is_ready():
            now = time.monotonic()
            self.ready_after, self._heard_at, self.patience = now - self._started, now, READY_SECONDS
        return self.ready_after is not None

    def trouble(self) -> str | None:
        """Why it has to be ended, in words; None if nothing is wrong or if it is already being ended."""
        waited = time.monotonic() - self._heard_at
        if self.pid is None or self._is_killed:
            return None
        if self.ready_after is None:
            return f"was not ready within {self.patience:.0f} s" if waited > self.patience else None
        allowed = self.process.silent_seconds or SILENT_SECONDS
        speaks = self.process.has_pulse or self.process.is_alive
        return f"hangs: not heard for {waited:.0f} s" if speaks and waited > allowed else None

    def excuse(self) -> None:
        """Restarts its deadline, because for a while nobody could have heard it."""
        self._heard_at = time.monotonic()

    def reap(self) -> bool:
        """Whether the process has ended since the last call; from then on it is due again."""
        if self._popen is None or self._popen.poll() is None:
            return False
        self.exit_code, self._popen = self._popen.returncode, None
        if self._pulse is not None:
            os.close(self._pulse)
            self._pulse = None
        self.put_off()
        return True

    def put_off(self) -> None:
        """Schedules the next start, later the more often it failed."""
        now = time.monotonic()
        self.delay = next_delay(self.delay, now - self._started)
        self.due = now + self.delay

    def ask_to_stop(self) -> None:
        self.due = None
        if self._popen is not None:
            self._popen.terminate()

    def kill(self) -> None:
        """Has the kernel end the process and everything it started, even if it is stopped."""
        self._is_killed = True
        if self.ready_after is None:
            # A machine that is slow today will eventually start it.
            self.patience = min(MAX_PATIENCE, 2 * self.patience)
        if self._popen is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            # Its last words end in end-of-file, which counts as saying nothing.
            if self._pulse is not None and os.read(self._pulse, 4096):
                self._has_been_heard = True
                # A process that is not ready has its full time from its start on, whatever it reports.
                if self.ready_after is not None:
                    self._heard_at = time.monotonic()
        ask = self.process.is_alive
        is_time = self.ready_after is not None and time.monotonic() - self._heard_at >= ASK_SECONDS
        if ask and is_time and self.pid is not None and ask():
            self._heard_at = time.monotonic()

    def _open(self, writable: int) -> subprocess.Popen[bytes]:
        pulse_fd, told = ((writable,), {pulse.VARIABLE: str(writable)}) if self.process.has_pulse else ((), {})
        return subprocess.Popen(
            list(self.process.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.process.directory,
            env={**os.environ, **self.process.environment, PROCESS_VARIABLE: self.name, **told},
            pass_fds=(*self.process.inherited, *pulse_fd),
            preexec_fn=end_with_parent(),
            # Ctrl-C in the terminal reaches only the supervisor, which then stops the others in order.
            start_new_session=True,
        )
