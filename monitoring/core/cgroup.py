"""The limits that a container runs under, from Linux's control groups (version 2, and version 1 for memory)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from monitoring.core.host import OpenFile

_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number near 2**63."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """A group's memory limit, which may change at any time, and how much of it is in use, in bytes."""

    limit: OpenFile
    usage: OpenFile
    stat: OpenFile
    cache_key: bytes

    def total(self) -> int:
        """What it may use; without a limit, more than any machine has."""
        return _limit(self.limit.read())

    def used(self) -> int:
        """What it uses, without the file cache that can be dropped."""
        stat = b"\n" + self.stat.read()
        _, found, rest = stat.partition(self.cache_key)
        if not found:
            raise ValueError(f"the group's memory.stat does not contain {self.cache_key.decode().strip()}")
        return int(self.usage.read()) - int(rest.split(None, 1)[0])


@dataclass(frozen=True, slots=True)
class CpuLimit:
    """A group's CPU: how many cores it may use and, at each `seconds()`, how much it has used since its start."""

    cores: float
    stat: OpenFile

    def seconds(self) -> float:
        return int(self.stat.read().split(None, 2)[1]) / 1_000_000


ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def memory_limit(root: Path = ROOT, membership: Path = MEMBERSHIP) -> MemoryLimit | None:
    """The lowest memory limit of this process's group and its parents, None if there is none."""
    if group := _lowest(_groups(root, membership, ""), "memory.max"):
        return MemoryLimit(
            OpenFile(group / "memory.max"),
            OpenFile(group / "memory.current"),
            OpenFile(group / "memory.stat"),
            b"\ninactive_file ",
        )
    if group := _lowest(_groups(root / "memory", membership, "memory"), "memory.limit_in_bytes"):
        return MemoryLimit(
            OpenFile(group / "memory.limit_in_bytes"),
            OpenFile(group / "memory.usage_in_bytes"),
            OpenFile(group / "memory.stat"),
            b"\ntotal_inactive_file ",
        )
    return None


def cpu_limit(root: Path = ROOT, membership: Path = MEMBERSHIP) -> CpuLimit | None:
    """The lowest CPU quota of this process's group and its parents, None if there is none."""
    found = []
    for group in _groups(root, membership, ""):
        limit = group / "cpu.max"
        if limit.is_file():
            quota, period = limit.read_text().split()
            if quota != "max":
                found.append((int(quota) / int(period), group))
    if not found:
        return None
    cores, group = min(found, key=lambda limited: limited[0])
    return CpuLimit(cores, OpenFile(group / "cpu.stat"))


def _groups(root: Path, membership: Path, controller: str) -> list[Path]:
    """The process's own group, then its parents up to the root, which in a container is the container's group."""
    if not membership.is_file():
        return []
    own = [
        root / path.lstrip("/")
        for _, controllers, path in (line.split(":", 2) for line in membership.read_text().splitlines())
        if controller in controllers.split(",")
    ]
    around = [group for path in own for group in (path, *path.parents) if group.is_relative_to(root)]
    return around or [root]


def _lowest(groups: list[Path], name: str) -> Path | None:
    """The group with the lowest limit; of several, the nearest."""
    limits = [(_limit((group / name).read_bytes()), group) for group in groups if (group / name).is_file()]
    limit, group = min(limits, key=lambda limited: limited[0], default=(_UNLIMITED, None))
    return group if limit < _UNLIMITED else None


def _limit(text: bytes) -> int:
    return _UNLIMITED if text.strip() == b"max" else int(text)
