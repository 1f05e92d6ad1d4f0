"""What takes long to make: kept in build/ from one run to the next, until something changes that it is made of."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
"""git ignores it."""


def kept(name: str, digest: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, made once for each digest; only the newest is kept."""
    folder = BUILD / name / digest
    with alone(name):
        if not folder.exists():
            shutil.rmtree(folder.parent, ignore_errors=True)
            partial = folder.with_suffix(".partial")
            partial.mkdir(parents=True)
            make(partial)
            partial.rename(folder)
    return folder


def digest_of(folders: Iterable[str], files: Iterable[str] = (), also: Iterable[str] = ()) -> str:
    """Of the contents of these files and of all files in these folders of the repository, and of other texts."""
    digest = hashlib.sha256("\0".join(also).encode())
    found = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    for file in sorted([*found, *(ROOT / name for name in files)]):
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Several processes run tests at once; only one of them makes what all of them use."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
