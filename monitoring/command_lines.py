"""This project's folder, and commands that people can type there, for pages that offer one."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from django.conf import settings


def folder() -> Path | None:
    """The project's `BASE_DIR`; without one, the folder of its settings' package, or None if that is not known."""
    base = getattr(settings, "BASE_DIR", None)
    if isinstance(base, str | Path) and str(base):
        return Path(base)
    module = sys.modules.get(getattr(settings, "SETTINGS_MODULE", None) or "")
    return Path(module.__file__).parent if module is not None and module.__file__ else None


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
