"""Checks of the installed packages' releases: older ones than those tested, and those that are known to be bad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from django.core.checks import CheckMessage, Warning  # noqa: A004  (Django's name)

from monitoring.checks.registration import while_on
from monitoring.conf import MonitoringSettings

OLDEST = {"channels-redis": (4, 2), "redis": (5, 3), "celery": (5, 4)}
"""As the package's metadata says, which `pip install --no-deps` ignores. An older Django or Channels is refused before
any check (`apps.py`)."""

SAFE_DAPHNE = (4, 2, 2)
BAD_AUTOBAHN = (25, 9, 1)


@while_on
def check_releases(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    for package, oldest in OLDEST.items():
        found = installed(package)
        if found and found < oldest:
            yield Warning(
                f"{package} {text(found)} is older than what monitoring was tested with",
                hint=f"pip install '{package}>={text(oldest)}'",
                id="avatar_monitoring.W004",
            )


@while_on
def check_daphne(_settings: MonitoringSettings) -> Iterator[CheckMessage]:
    found = installed("daphne")
    if found and found < SAFE_DAPHNE:
        yield Warning(
            f"daphne {text(found)} accepts frames of any size (CVE-2026-44545)",
            hint=f"pip install 'daphne>={text(SAFE_DAPHNE)}'",
            id="avatar_monitoring.W005",
        )
    if found and installed("autobahn") == BAD_AUTOBAHN:
        yield Warning(
            f"autobahn {text(BAD_AUTOBAHN)} crashes daphne when it sends (https://github.com/django/daphne/issues/572)",
            hint="pip install --upgrade autobahn",
            id="avatar_monitoring.W006",
        )


@cache
def installed(package: str) -> tuple[int, ...]:
    """The package's version as numbers, empty if it is not installed."""
    try:
        return tuple(int(part) for part in re.findall(r"\d+", version(package))[:3])
    except PackageNotFoundError:
        return ()


def text(parts: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in parts)
