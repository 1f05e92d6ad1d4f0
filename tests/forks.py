"""Processes that are forked from the tests' own."""

import os
from collections.abc import Callable


def in_a_fork(ask: Callable[[], object]) -> str:
    """The answer of a forked process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, str(ask()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as answer:
        return answer.read()
