"""What processes do: whether they live, and how much memory they hold."""

import psutil


def lives(pid: int) -> bool:
    """A zombie lives no more: it only waits for whoever asks how it ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def resident_mb(pid: int) -> float:
    """What a process holds of the machine's memory, in MB."""
    return psutil.Process(pid).memory_info().rss / 2**20
