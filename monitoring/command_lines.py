"""Commands as people can type them in the folder of this project, for the pages that offer one."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from django.conf import settings


def manage(*arguments: str) -> str:
    """A line for a shell that runs one of `manage.py`'s commands with this project's Python."""
    return shlex.join([python(), "manage.py", *arguments])


def python() -> str:
    """The Python of a virtual environment in the project's folder by its place there, any other by its name."""
    folder = getattr(settings, "BASE_DIR", None)
    prefix = Path(sys.prefix)
    if folder is None or sys.prefix == sys.base_prefix or not prefix.is_relative_to(folder):
        return "python"
    return (prefix.relative_to(folder) / "bin" / "python").as_posix()
