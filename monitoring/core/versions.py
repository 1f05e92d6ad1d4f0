"""Of which versions a process runs: its code, Python, its ASGI server and the libraries that carry WebSockets."""

from __future__ import annotations

import logging
import platform
import re
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

CODE, PYTHON = "code", "python"

SERVERS = ("gunicorn", "uvicorn", "hypercorn", "granian", "daphne")
"""Packages of ASGI servers; only those that run are reported. gunicorn may run uvicorn's workers: then it is both."""

LIBRARIES = {
    "avatar_monitoring": "avatar-monitoring",
    "django": "Django",
    "asgiref": "asgiref",
    "channels": "channels",
    "channels_redis": "channels-redis",
    "autobahn": "autobahn",
    "twisted": "Twisted",
    "websockets": "websockets",
    "wsproto": "wsproto",
    "uvloop": "uvloop",
    "redis": "redis",
    "celery": "celery",
    "psutil": "psutil",
}
"""Our key of each library, and its distribution on PyPI."""

TITLES = {**LIBRARIES, "redis": "redis-py", PYTHON: "Python"}
ORDER = [CODE, PYTHON, *SERVERS, *LIBRARIES]

LEVELS = 5
"""How many folders above the project may hold `.git`; a repository further up is hardly the project's."""

LONGEST = 64
SHORT, UNIQUE = 7, 12
MOST_BYTES = 16 * 1024 * 1024
"""Of `packed-refs`: a line for each branch and tag that is not a file of its own."""

OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class OwnVersions:
    """This process's versions, read once by a thread, because files are read; empty until then.

    One of the parts that live as long as the server: nothing waits for it.
    """

    def __init__(self, base: Path | None, release: str = "", hosted: str = "") -> None:
        self.found: dict[str, str] = {}
        self._base = base
        self._release = release
        self._hosted = hosted
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self.read, name="own versions", daemon=True)
            self._thread.start()

    async def stop(self) -> None:
        """Nothing is left to stop."""

    def read(self) -> None:
        try:
            self.found = read_versions(self._base, self._release, self._hosted)
        except Exception:  # a marker that is missing harms nobody
            logger.exception("The versions of this process are not known")


def read_versions(base: Path | None, release: str = "", hosted: str = "") -> dict[str, str]:
    """Every version that is known, by the keys of `ORDER`; reads files, runs nothing.

    The code's is the `release` that somebody named, else the revision of the git checkout that holds the folder `base`,
    else what the hosting platform calls it.
    """
    code = release or (git_revision(base) if base else "") or hosted
    found = {CODE: shortened(printable(code)), PYTHON: platform.python_version()}
    found |= {name: _installed(name) for name in running_servers(sys.modules)}
    found |= {key: _installed(name) for key, name in LIBRARIES.items()}
    return {key: found[key] for key in ORDER if found.get(key)}


def running_servers(modules: Mapping[str, Any]) -> list[str]:
    """Which servers run a process with these modules."""
    # Django's app `daphne` imports daphne under any server; only its own has Twisted's reactor running.
    if getattr(modules.get("twisted.internet.reactor"), "running", False) and "daphne.server" in modules:
        return ["daphne"]
    loaded = {"gunicorn": "gunicorn.app.base", "uvicorn": "uvicorn.server", "hypercorn": "hypercorn.config"}
    return [name for name in SERVERS if name != "daphne" and loaded.get(name, name) in modules]


def _installed(distribution: str) -> str:
    try:
        return printable(version(distribution))
    except Exception:  # not installed, or its metadata are damaged
        return ""


def printable(text: str) -> str:
    return "".join(filter(str.isprintable, text.strip()))[:LONGEST]


def shortened(code: str) -> str:
    """A full git revision by its first twelve digits, which are unique in any repository; else what it is."""
    return code[:UNIQUE] if OBJECT.fullmatch(code) else code


def git_revision(base: Path) -> str:
    """The commit that is checked out in the folder or one of those above it; empty if it is not known.

    Reads git's own files, of a worktree or submodule too (gitrepository-layout(5)).
    """
    for folder in [base, *base.parents][: LEVELS + 1]:
        try:
            git = _git_directory(folder / ".git")
            if git is not None:
                return _head(git)
        except (OSError, ValueError):
            return ""
    return ""


def _git_directory(path: Path) -> Path | None:
    if path.is_dir():
        return path
    if not path.is_file():
        return None
    kind, _, place = _first_line(path).partition(": ")
    return path.parent / place if kind == "gitdir" else None


def _head(git: Path) -> str:
    head = _first_line(git / "HEAD")
    kind, _, name = head.partition(": ")
    if kind != "ref":
        return _object(head)
    common = git / _first_line(git / "commondir") if (git / "commondir").is_file() else git
    if not name.startswith("refs/") or ".." in name:
        return ""
    for folder in (git, common):
        if (folder / name).is_file():
            return _object(_first_line(folder / name))
    return _packed(common / "packed-refs", name)


def _packed(path: Path, name: str) -> str:
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return ""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            revision, _, found = line.strip().partition(" ")
            if found == name:
                return _object(revision)
    return ""


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline(4096).strip()


def _object(text: str) -> str:
    return text if OBJECT.fullmatch(text) else ""


def change(before: Mapping[str, str], after: Mapping[str, str], longest: int) -> str:
    """What differs, as "redis-py 6.4.0 → 8.0.1, code 1a2b3c4 → 9f8e7d6"; empty if nothing that both know does.

    At most `longest` characters; then it ends with how many more there are. What only one of them knows is no change,
    except the server: a site that moves from one to another has changed.
    """
    lines = [f"{TITLES.get(key, key)} {_pair(key, before[key], after[key])}" for key in _common(before, after)]
    if server := _other_server(before, after):
        lines.insert(0, server)
    for count in range(len(lines), 0, -1):
        more = [f"and {len(lines) - count} more"] if count < len(lines) else []
        text = ", ".join([*lines[:count], *more])
        if len(text) <= longest:
            return text
    return lines[0][:longest] if lines else ""


def _common(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    differing = [key for key in after if key in before and before[key] != after[key]]
    # Libraries first, because people know when they deploy their code, and not what came with it.
    return sorted(differing, key=lambda key: (key == CODE, ORDER.index(key) if key in ORDER else len(ORDER)))


def _pair(key: str, before: str, after: str) -> str:
    if key == CODE and before[:SHORT] != after[:SHORT]:
        before, after = (text[:SHORT] if re.fullmatch(r"[0-9a-f]{12}", text) else text for text in (before, after))
    return f"{before} → {after}"


def _other_server(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    old, new = ([name for name in SERVERS if name in versions] for versions in (before, after))
    if not old or not new or old == new:
        return ""
    return f"server {_servers(old, before)} → {_servers(new, after)}"


def _servers(names: list[str], versions: Mapping[str, str]) -> str:
    return " with ".join(f"{name} {versions[name]}" for name in names)
