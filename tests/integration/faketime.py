"""libfaketime, which gives a process its own clock."""

from pathlib import Path

import pytest


def library() -> Path:
    found = installed_library()
    if found is None:
        pytest.skip("libfaketime is missing")
    return found


def installed_library() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
