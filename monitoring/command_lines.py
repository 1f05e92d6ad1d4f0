"""Commands that people can type in this project's folder, for pages that offer one."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from django.conf import settings


def manage(*arguments: str) -> str:
    """A shell line that runs one of `manage.py`'s commands with this project's Python."""
    return shlex.join([python(), "manage.py", *arguments])


def python() -> str:
    """The Python of a virtual environment in the project's folder by its path there, any other by its name."""
    folder = getattr(settings, "BASE_DIR", None)
    prefix = Path(sys.prefix)
    if folder is None or sys.prefix == sys.base_prefix or not prefix.is_relative_to(folder):
        return "python"
    return (prefix.relative_to(folder) / "bin" / "python").as_posix()
