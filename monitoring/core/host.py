"""Linux's own figures for a host, from files under /proc that stay open, which halves their cost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from monitoring.core.network import SYSFS, Counters, Traffic

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
SPARE = 1_024
ALWAYS_FITS = 2_048
"""The kernel returns fewer bytes than were asked for only at the end, or where the next line does not fit into a page:
an answer of less than half a page that is shorter than what was asked for is the whole file."""


class HostReading(NamedTuple):
    """Counters and levels of a host: CPU in seconds since its start, memory and network in bytes.

    Values that could not be read are None, and `reasons` say why.
    """

    cpu_busy: float | None = None
    cpu_total: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    network_sent: int | None = None
    network_recv: int | None = None
    reasons: tuple[str, ...] = ()


class OpenFile:
    """A small file that the kernel generates at each read. Raises OSError if it cannot be opened."""

    def __init__(self, path: Path, size: int = 1_024) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = size

    def read(self, until: bytes = b"") -> bytes:
        """The whole file, or enough of it to contain these bytes."""
        data = os.pread(self._descriptor, self._size, 0)
        if len(data) < self._size and len(data) < ALWAYS_FITS:
            return data
        while not (until and until in data) and (more := os.pread(self._descriptor, self._size, len(data))):
            data += more
            # The next reading asks for as much at a time as the kernel returns.
            self._size = max(self._size, len(data) + SPARE)
        return data

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


class Source:
    """A file and how to read it; it is opened at the first read, and again after a failure."""

    def __init__(self, path: Path, parse: Callable[[bytes], Any], until: bytes = b"") -> None:
        self._path, self._parse, self._until = path, parse, until
        self._file: OpenFile | None = None

    def read(self) -> Any:
        """The contents of the file. Raises OSError, or ValueError for an unexpected text."""
        if self._file is None:
            self._file = OpenFile(self._path)
        try:
            return self._parse(self._file.read(self._until))
        except OSError:
            self._file = None
            raise


class ProcHost:
    """Reads /proc/stat, /proc/meminfo and /proc/net/dev; an unreadable file leaves out only its own values."""

    def __init__(self, proc: Path = Path("/proc"), sysfs: Path = SYSFS) -> None:
        traffic = Traffic(sysfs)
        self._sources = {
            ("cpu_busy", "cpu_total"): Source(proc / "stat", _cpu, until=b"\n"),
            ("memory_used", "memory_total"): Source(proc / "meminfo", _memory, until=b"\nBuffers:"),
            ("network_sent", "network_recv"): Source(proc / "net" / "dev", lambda dev: traffic.add(_network(dev))),
        }

    def read(self) -> HostReading:
        return gathered({names: source.read for names, source in self._sources.items()})


def gathered(reads: dict[tuple[str, ...], Callable[[], tuple[Any, ...]]]) -> HostReading:
    """A reading of these fields by these calls; an exception leaves out its own fields, and becomes the reason."""
    values: dict[str, Any] = {}
    reasons = []
    for names, read in reads.items():
        try:
            values |= zip(names, read(), strict=True)
        except Exception as error:  # psutil raises its own errors
            reasons.append(f"{names[0].partition('_')[0]}: {error or type(error).__name__}")
    return HostReading(**values, reasons=tuple(reasons))


def _cpu(stat: bytes) -> tuple[float, float]:
    # The guest columns after these are already part of user and nice.
    line = stat.partition(b"\n")[0]
    name, *columns = line.split(None, 9)[:9]
    if name != b"cpu" or len(columns) != 8:
        raise ValueError("/proc/stat does not begin with the eight times of all processors")
    user, nice, system, idle, iowait, irq, softirq, steal = map(int, columns)
    busy = user + nice + system + irq + softirq + steal
    return busy / _TICKS_PER_SECOND, (busy + idle + iowait) / _TICKS_PER_SECOND


def _memory(meminfo: bytes) -> tuple[int, int]:
    total, available = _kilobytes(meminfo, b"MemTotal:"), _kilobytes(meminfo, b"MemAvailable:")
    return (total - available) * 1024, total * 1024


def _kilobytes(meminfo: bytes, name: bytes) -> int:
    start = meminfo.find(name)
    if start < 0:
        raise ValueError(f"/proc/meminfo does not contain {name.decode()}")
    return int(meminfo[start + len(name) :].split(None, 1)[0])


def _network(dev: bytes) -> Counters:
    counters = {}
    for line in dev.split(b"\n")[2:]:
        name, found, columns = line.rpartition(b":")
        if found:
            values = columns.split()
            counters[name.strip().decode(errors="replace")] = int(values[8]), int(values[0])
    return counters
