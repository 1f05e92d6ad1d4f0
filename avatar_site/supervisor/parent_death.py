"""Ends a child process together with its parent, however the parent ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

SUPPORTED = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> Callable[[], None] | None:
    """A `preexec_fn` that makes the kernel send SIGKILL to the child when its parent is gone; None if that is
    impossible.

    On Linux "parent" means the parent's thread that forks: call it, and fork, from one that lives as long as the
    process.
    """
    if not SUPPORTED:
        return None
    # Loaded here, because a fork of a process with threads must not take the loader's lock.
    libc, parent = ctypes.CDLL(None), os.getpid()

    def after_fork() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # A parent that ended before the call above sends nothing any more.
        if os.getppid() != parent:
            os._exit(1)

    return after_fork
