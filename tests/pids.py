"""Whether processes live."""

import psutil


def lives(pid: int) -> bool:
    """A zombie lives no more: it only waits for whoever asks how it ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
