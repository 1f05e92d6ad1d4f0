"""Keeps the site's files readable by their owner only, even if an older version or an operator left them open."""

import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

PRIVATE_UMASK = 0o077
OTHERS = 0o077
DATABASE_ENDINGS = ("", "-wal", "-shm", "-journal")
OWN_DIRECTORIES = ("valkey", "valkey/appendonlydir", "spill", "spill/nodes")
OWN_FILES = ("secret_key*", "celerybeat-schedule*", "*.lock", *(f"{name}/*" for name in OWN_DIRECTORIES))
# What the system itself may put into a directory that is a file system of its own.
NOT_FOREIGN = {"lost+found"}


def make_private(directory: Path, database: Path | None = None) -> list[str]:
    """Removes group and other permissions from the data directory, the site's files in it, and the SQLite database.

    Logs what was changed in one line, and returns it as texts. Only files of this process's user are changed. A
    directory that also holds other directories, or belongs to the system, stays as it is.
    """
    changed = [_close(path) for path in _own_files(directory, database)]
    if _may_be_closed(directory):
        changed.insert(0, _close(directory))
    found = [text for text in changed if text]
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        logger.warning("Closed to other users: %s%s", ", ".join(found[:3]), more)
    return found


def create_private(path: Path) -> None:
    """Creates an empty file for its owner only, if there is none: SQLite would create it readable for everybody.

    If that is impossible, whatever needs the file says so.
    """
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            give_to_owner_of(path.parent, file)
        finally:
            os.close(file)


def give_to_owner_of(folder: Path, file: int) -> None:
    """Otherwise a command that root runs first, such as collectstatic, would lock out the site's own user."""
    if os.geteuid() == 0:
        status = folder.stat()
        os.fchown(file, status.st_uid, status.st_gid)


def _own_files(directory: Path, database: Path | None) -> Iterator[Path]:
    for name in OWN_DIRECTORIES:
        yield directory / name
    for pattern in OWN_FILES:
        yield from sorted(directory.glob(pattern))
    if database is not None and not database.is_dir():
        for ending in DATABASE_ENDINGS:
            yield database.with_name(database.name + ending)


def _close(path: Path) -> str | None:
    """What was changed, if anything. Links, sockets and other users' files are left alone."""
    with suppress(OSError):
        status = path.lstat()
        mode = stat.S_IMODE(status.st_mode)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return None
        if status.st_uid == os.geteuid() and mode & OTHERS:
            path.chmod(mode & ~OTHERS)
            return f"{path} (was {mode:04o})"
    return None


def _may_be_closed(directory: Path) -> bool:
    """Whether only this site can be using the directory."""
    with suppress(OSError):
        if stat.S_IMODE(directory.stat().st_mode) & stat.S_ISVTX:
            return False
        own = {Path(name).parts[0] for name in OWN_DIRECTORIES} | NOT_FOREIGN
        if any(entry.is_dir(follow_symlinks=False) and entry.name not in own for entry in os.scandir(directory)):
            return False
    others = (__file__, sys.prefix, tempfile.gettempdir(), os.path.expanduser("~"))
    return not any(Path(path).resolve().is_relative_to(directory) for path in others)
