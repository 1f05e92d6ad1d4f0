"""This project's folder, and commands that people can type there, for pages that offer one."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from django.conf import settings

NAMES = ("python", "python3")


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
    """A Python that has what the project needs: that of a virtual environment in its folder by its path there, one that
    a shell finds by its name, and any other by its whole path."""
    folder = getattr(settings, "BASE_DIR", None)
    prefix = Path(sys.prefix)
    if folder is None or sys.prefix == sys.base_prefix or not prefix.is_relative_to(folder):
        return next((name for name in NAMES if _is_this_one(shutil.which(name))), sys.executable or NAMES[0])
    return (prefix.relative_to(folder) / "bin" / "python").as_posix()


def _is_this_one(found: str | None) -> bool:
    """Whether a command is this process's Python. Those of two environments may be links to the same file."""
    return found is not None and Path(found).absolute() == Path(sys.executable).absolute()
