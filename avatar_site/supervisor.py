"""Supervises processes: starts them in order of health, restarts those that die, stops them in the opposite order.

One thread does it all, because the kernel ends the children with the thread that forked them.
"""

import selectors
import time
from collections.abc import Callable, Sequence

from avatar_site.child import Child, Process
from avatar_site.console import Console
from avatar_site.stop_signals import StopSignals

READY_SECONDS = 30.0
POLL_SECONDS = 0.05
# The process itself takes up to half a second more to go, and all of it has to be done within five.
STOP_SECONDS = 4.0
# What each stage is left with, however long those take that stop before it.
STAGE_SECONDS = 0.5


class StartError(Exception):
    """A process did not become ready; what it wrote has been shown."""


class Supervisor:
    """Runs stages of processes: those of one stage start and stop together, and the next one starts when all are ready.

    A process that dies while its stage starts is an error; later it is restarted after 1, 2, 4 … 30 seconds.
    """

    def __init__(self, stages: Sequence[Sequence[Process]], console: Console) -> None:
        self.stages = [[Child(process) for process in stage] for stage in stages]
        self.console = console
        self._keeps_running = False
        self._signals = StopSignals()
        self._selector = selectors.DefaultSelector()

    def run(self, on_ready: Callable[[list[Child]], None]) -> None:
        """Returns when a signal asked to stop and no process is left. Raises StartError, with none left either."""
        with self._signals:
            self._selector.register(self._signals, selectors.EVENT_READ)
            try:
                for stage in self.stages:
                    self._start(stage)
                if not self._signals.count:
                    on_ready(self._children())
                self._keeps_running = True
                while not self._signals.count:
                    self._turn(self._restart_due())
            finally:
                self._stop()

    def _children(self) -> list[Child]:
        return [child for stage in self.stages for child in stage]

    def _start(self, stage: list[Child]) -> None:
        if self._signals.count:
            return
        for child in stage:
            self._spawn(child)
        deadline = time.monotonic() + READY_SECONDS
        waiting = stage
        while waiting and not self._signals.count:
            self._turn(POLL_SECONDS)
            for child in stage:
                if child.exit_code is not None:
                    raise StartError(f"{child.name} {child.ending} before it was ready")
            waiting = [child for child in stage if not child.check_ready()]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(child.name for child in waiting)
                raise StartError(f"{names}: not ready within {READY_SECONDS:.0f} s")

    def _spawn(self, child: Child) -> None:
        self._selector.register(child.spawn(), selectors.EVENT_READ, child)

    def _turn(self, timeout: float | None) -> None:
        """Waits for output, an exit or a signal, and deals with what came."""
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                self._signals.clear()
            else:
                self._show_output(key.data)
        for child in self._children():
            if child.reap():
                self._ended(child)

    def _show_output(self, child: Child) -> None:
        if child.output is None:
            return
        for line in child.output.lines():
            self.console.log(child.name, line)
        if child.output.ended:
            self._close_output(child)

    def _close_output(self, child: Child) -> None:
        if child.output is not None:
            self._selector.unregister(child.output)
            child.output.close()
            child.output = None

    def _ended(self, child: Child) -> None:
        # What is left in the pipe, and then, if nothing else holds the pipe open, its end.
        self._show_output(child)
        self._show_output(child)
        self._close_output(child)
        if self._keeps_running:
            self.console.say(f"{child.name} {child.ending}, restart in {child.delay:.0f} s")

    def _restart_due(self) -> float | None:
        """Starts what is due; seconds until the next one is."""
        now = time.monotonic()
        for child in self._children():
            if child.due is not None and child.due <= now:
                try:
                    self._spawn(child)
                    self.console.say(f"{child.name} started again, pid {child.pid}")
                except OSError as error:
                    child.put_off()
                    self.console.say(f"{child.name} could not start ({error.strerror}), again in {child.delay:.0f} s")
        return min((child.due - now for child in self._children() if child.due is not None), default=None)

    def _stop(self) -> None:
        """Stops the stages, last first. What remains at its time, or at a second signal, is killed."""
        self._keeps_running = False
        began = time.monotonic()
        for left, stage in reversed(list(enumerate(self.stages))):
            deadline = began + STOP_SECONDS - STAGE_SECONDS * left
            for child in stage:
                child.ask_to_stop()
            while self._alive(stage) and time.monotonic() < deadline and self._signals.count < 2:
                self._turn(POLL_SECONDS)
            for child in self._alive(stage):
                self.console.say(f"{child.name} does not stop and is killed")
                child.kill()
            while self._alive(stage):
                self._turn(POLL_SECONDS)
        self.console.say(f"Stopped in {time.monotonic() - began:.1f} s.")

    def _alive(self, stage: list[Child]) -> list[Child]:
        return [child for child in stage if child.pid is not None]
