"""The file descriptors of this process: each connection takes one, and most systems allow 1 024 by default."""

from __future__ import annotations

import os
import resource

MOST = 1_048_576
"""No process needs more than this, even if the system would allow any number."""

RESERVE = 64
"""Reserved for viewers, health checks, the database and Redis."""


def raise_limit() -> int:
    """Raises the soft limit to the hard limit; returns how many descriptors the process may now have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft


def left() -> int:
    """How many are left, at most: the system always assigns the lowest number, so all below it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    os.close(lowest)
    return limit() - lowest
