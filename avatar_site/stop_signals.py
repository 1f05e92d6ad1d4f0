"""The signals that ask a supervisor to stop, and the wake-ups that signals need in a selector loop."""

import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """While entered, counts the signals that ask to stop. Readable once one has come or a child process has ended."""

    def __init__(self) -> None:
        self.count = 0
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
        self.count += 1
