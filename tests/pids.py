"""The state of processes: whether they live, and how much memory they hold."""

import psutil


def lives(pid: int) -> bool:
    """A zombie no longer lives: it only waits for its parent to read its exit status."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def resident_mb(pid: int) -> float:
    """How much of the machine's memory a process holds, in MB."""
    return psutil.Process(pid).memory_info().rss / 2**20
