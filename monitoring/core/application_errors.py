"""Which exception an application raised, and at which of its own lines, in a few words.

Never the exception's text: it may hold whatever the application works with, passwords too.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb

LONGEST = 255
FOREIGN = ("site-packages", "dist-packages")
"""Folders of installed code."""

OURS = f"{Path(__file__).resolve().parents[1]}{os.sep}"
LIBRARIES = tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib")})


def described(error: BaseException) -> str:
    """ "KeyError at chat/rooms.py:17 in enter"; at most 255 characters, all of which can be stored.

    The line is the innermost one of the project's own code, or without any the innermost one of all.
    """
    # The name of a file may have bytes that are no text.
    return _described(error).encode("utf-8", "replace").decode()


def _described(error: BaseException) -> str:
    raised_at = error.__traceback__
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
        # One that was only put into a group was raised nowhere else.
        raised_at = error.__traceback__ or raised_at
    name = _name_of(type(error))
    lines = [(frame.f_code, line) for frame, line in walk_tb(raised_at)]
    found = next((one for one in reversed(lines) if _is_own(one[0].co_filename)), lines[-1] if lines else None)
    if found is None:
        return name[:LONGEST]
    place = f" in {found[0].co_name}"
    head, tail = f"{name} at ", f":{found[1]}{place}"
    room = LONGEST - len(head) - len(tail)
    return f"{head}{_shortened(_relative(found[0].co_filename), room)}{tail}"[:LONGEST]


def _name_of(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


@lru_cache(maxsize=512)
def _is_own(path: str) -> bool:
    parts = Path(path).parts
    is_installed = any(folder in parts for folder in FOREIGN)
    return not (is_installed or path.startswith("<") or path.startswith(LIBRARIES) or _is_ours(path))


def _is_ours(path: str) -> bool:
    return path.startswith(OURS)


@lru_cache(maxsize=512)
def _relative(path: str) -> str:
    """The path below the folder that it was imported from, which says nothing about the machine."""
    roots = sorted({str(Path(entry or ".").resolve()) for entry in sys.path}, key=len, reverse=True)
    for root in roots:
        if root != "/" and path.startswith(f"{root}/"):
            return path[len(root) + 1 :]
    return Path(path).name


def _shortened(path: str, room: int) -> str:
    return path if len(path) <= room else f"…{path[len(path) - max(0, room - 1) :]}"
