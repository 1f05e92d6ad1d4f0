"""Supervises processes: starts them in order once each is healthy, restarts those that die or hang, stops them in
reverse.

One thread does it all, because the kernel ends the children with the thread that forked them.
"""

import math
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from avatar_site.supervisor.child import READY_SECONDS, Child, Process
from avatar_site.supervisor.console import Console

# All processes of a stage need the same processor for a while.
READY_SECONDS_EACH = 2.0
POLL_SECONDS = 0.05
# How often it checks running processes. If it could not for much longer, everything stood still with it.
LOOK_SECONDS = 5.0
PAUSE_SECONDS = 5.0
# Docker kills what is not gone ten seconds after it was asked, and on a busy machine this process itself takes one.
STOP_SECONDS = 8.0
# What each stage gets at least, however long earlier stages take: a server writes what Redis does not accept.
STAGE_SECONDS = 2.0
TOGETHER_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """An essential process did not become ready; its output has been shown."""


class Supervisor:
    """Runs stages of processes: those of one stage start and stop together, and the next starts when all are ready.

    It is an error if an essential process dies or is late while its stage starts. Any other process, and later every
    process, is restarted after 1, 2, 4 … 30 seconds if it dies, is not ready in time or is not heard any more.
    """

    def __init__(self, stages: Sequence[Sequence[Process]], console: Console) -> None:
        self.stages = [[Child(process) for process in stage] for stage in stages]
        self.console = console
        self._looked_after: list[Child] = []
        self._looked_at = 0.0
        self._signals = StopSignals()
        self._selector = selectors.DefaultSelector()

    def run(self, on_ready: Callable[[list[Child]], None]) -> None:
        """Returns once a signal has asked to stop and no process is left. Raises StartError, also with none left."""
        with self._signals:
            self._selector.register(self._signals, selectors.EVENT_READ)
            self._looked_at = time.monotonic()
            try:
                for stage in self.stages:
                    self._start(stage)
                if not self._signals.count:
                    on_ready(self._children())
                while not self._signals.count:
                    self._turn(LOOK_SECONDS)
            finally:
                self._stop()

    def _children(self) -> list[Child]:
        return [child for stage in self.stages for child in stage]

    def _start(self, stage: list[Child]) -> None:
        """Returns when all are ready, or non-essential ones have used up their time."""
        if self._signals.count:
            return
        for child in stage:
            self._spawn(child)
        self._looked_after += [child for child in stage if not child.process.essential]
        seconds = READY_SECONDS + READY_SECONDS_EACH * (len(stage) - 1)
        deadline = time.monotonic() + seconds
        waiting = stage
        while waiting and not self._signals.count:
            self._turn(POLL_SECONDS)
            for child in stage:
                if child.process.essential and child.exit_code is not None:
                    raise StartError(f"{child.name} {child.ending} before it was ready")
            waiting = [child for child in waiting if child.pid is not None and not child.check_ready()]
            if waiting and time.monotonic() > deadline:
                if names := ", ".join(child.name for child in waiting if child.process.essential):
                    raise StartError(f"{names}: not ready within {seconds:.0f} s")
                break
        self._looked_after += [child for child in stage if child.process.essential]

    def _spawn(self, child: Child) -> bool:
        """Whether it was started. Raises StartError if it was not and the site cannot start without it."""
        try:
            self._selector.register(child.spawn(), selectors.EVENT_READ, child)
        except OSError as error:
            if child.process.essential and child not in self._looked_after:
                raise StartError(f"{child.name} could not start ({error.strerror})") from error
            child.put_off()
            self.console.warn(f"{child.name} could not start ({error.strerror}), trying again in {child.delay:.0f} s")
        return child.pid is not None

    def _turn(self, seconds: float) -> None:
        """Waits at most this many seconds for output, an exit or a signal, and handles what came and what is due."""
        due = [child.due for child in self._looked_after if child.due is not None]
        for key, _ in self._selector.select(max(0.0, min([seconds, *(at - time.monotonic() for at in due)]))):
            if key.data is None:
                self._signals.clear()
            else:
                self._show_output(key.data)
        for child in self._children():
            if child.reap():
                self._ended(child)
        if not self._signals.count:
            self._look_after()

    def _show_output(self, child: Child) -> None:
        if child.output is None:
            return
        for line in child.output.lines():
            self.console.log(child.name, line, child.last_pid)
        if child.output.ended:
            self._close_output(child)

    def _close_output(self, child: Child) -> None:
        if child.output is not None:
            self._selector.unregister(child.output)
            child.output.close()
            child.output = None
            self.console.ended(child.name, child.last_pid)

    def _ended(self, child: Child) -> None:
        # What is left in the pipe, and then, if nothing else holds the pipe open, its end.
        self._show_output(child)
        self._show_output(child)
        self._close_output(child)
        if child in self._looked_after:
            self.console.warn(f"{child.name} {child.ending}, restart in {child.delay:.0f} s")

    def _look_after(self) -> None:
        """Restarts what is due, and ends what hangs."""
        now = time.monotonic()
        for child in self._looked_after:
            if child.due is not None and child.due <= now and self._spawn(child):
                self.console.say(f"{child.name} started again, pid {child.pid}")
        # Output wakes it much more often than there is anything to check.
        if 0 <= now - self._looked_at < POLL_SECONDS:
            return
        stood_still = now - self._looked_at > LOOK_SECONDS + PAUSE_SECONDS
        self._looked_at = now
        for child in self._looked_after:
            child.check_ready()
            if stood_still:
                child.excuse()
            elif trouble := child.trouble():
                self.console.warn(f"{child.name} {trouble}: ending it")
                child.kill()

    def _stop(self) -> None:
        """Stops the stages, last first. Whatever remains after its time, or at a second signal, is killed."""
        self._looked_after = []
        began = time.monotonic()
        for left, stage in reversed(list(enumerate(self.stages))):
            deadline = began + STOP_SECONDS - STAGE_SECONDS * left
            for child in stage:
                child.ask_to_stop()
            while self._alive(stage) and time.monotonic() < deadline and self._signals.count < 2:
                self._turn(POLL_SECONDS)
            for child in self._alive(stage):
                self.console.warn(f"{child.name} does not stop: killing it")
                child.kill()
            while self._alive(stage):
                self._turn(POLL_SECONDS)
        self.console.say(f"Stopped in {time.monotonic() - began:.1f} s.")

    def _alive(self, stage: list[Child]) -> list[Child]:
        return [child for child in stage if child.pid is not None]


class StopSignals:
    """While entered, counts how often it was asked to stop. Readable once that was, or a child process has ended.

    Signals that come together are one request: `make`, `timeout` and a terminal each pass theirs on.
    """

    def __init__(self) -> None:
        self.count = 0
        self._asked_at = -math.inf
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._readable, self._writable = socket.socketpair()
        self._readable.setblocking(False)
        self._writable.setblocking(False)
        self._previous_wakeup = signal.set_wakeup_fd(self._writable.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            # nohup ignores SIGHUP, and it stays ignored.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._asked)
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_wakeup)
        self._readable.close()
        self._writable.close()

    def fileno(self) -> int:
        return self._readable.fileno()

    def clear(self) -> None:
        """Makes it unreadable until the next signal."""
        self._readable.recv(4096)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._asked_at >= TOGETHER_SECONDS:
            self.count += 1
        self._asked_at = now
