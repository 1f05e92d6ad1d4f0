"""A file that gets its name only when all of it is on disk, and can be resumed until then.

FILE.part holds what was written so far. FILE.part.json holds the request and how far FILE.part is known to be complete.
After a crash of the process or the machine, FILE.part is cut back to that point.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from monitoring.core.clock import Clock

SAVED_EVERY = 1.0
"""Seconds of work that a crash can cost."""
GZIP_LEVEL = 6


class PartFileError(Exception):
    """The file cannot be written; the text names it and what is allowed."""


class Progress(msgspec.Struct):
    """The request, and how far it is written: `size` bytes hold `rows` rows, the last of which began at `after`.

    `start` and `end` are the range as it was understood when the export began: "-2h" means another one later.
    """

    asked: dict[str, Any]
    start: datetime
    end: datetime
    after: datetime | None = None
    rows: int = 0
    size: int = 0
    columns: list[str] = []  # another release may have different ones


class PartFile:
    """Appends to FILE.part; leaving the block without an exception renames it to FILE, with one keeps it.

    With `resume` it continues an interrupted export of the same request, if there is one. A file whose name ends with
    .gz is compressed; each written piece is its own gzip member, so a resumed file has the same bytes as an
    uninterrupted one. Raises PartFileError if FILE exists and may not be overwritten, if another process is writing it,
    or if the existing part belongs to a different request.
    """

    def __init__(
        self, path: Path, fresh: Progress, *, overwrite: bool, resume: bool, clock: Clock = time.monotonic
    ) -> None:
        self._path = path.resolve()
        _check(self._path, overwrite=overwrite)
        self.part = self._path.with_name(f"{self._path.name}.part")
        self._notes = self._path.with_name(f"{self._path.name}.part.json")
        self._file = _locked(self.part)
        self._clock = clock
        try:
            self.progress = (self._noted(fresh) if resume else None) or fresh
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        if not self.progress.rows:
            self._notes.unlink(missing_ok=True)
        self._file.truncate(self.progress.size)
        self._file.seek(self.progress.size)
        self._saved_at = self._clock()
        return self

    def append(self, data: bytes, *, rows: int = 0, after: datetime | None = None) -> None:
        """Writes whole rows, the last of which began at `after`."""
        if data and self._path.suffix.lower() == ".gz":
            data = gzip.compress(data, GZIP_LEVEL, mtime=0)
        self._file.write(data)
        self._file.flush()
        self.progress.size += len(data)
        self.progress.rows += rows
        if after is not None:
            self.progress.after = after
            if self._clock() - self._saved_at >= SAVED_EVERY:
                self._save()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                os.fsync(self._file.fileno())
                # The notes are removed first: without the part they would vouch for nothing.
                self._notes.unlink(missing_ok=True)
                self.part.replace(self._path)
            elif not self._notes.exists():
                self.part.unlink()

    @property
    def is_resumable(self) -> bool:
        return self._notes.exists()

    def _noted(self, fresh: Progress) -> Progress | None:
        if not self._notes.exists():
            return None
        try:
            noted = msgspec.json.decode(self._notes.read_bytes(), type=Progress)
        except msgspec.MsgspecError as error:
            raise PartFileError(f"{self._notes}: {error}; without --resume the export starts over") from error
        asked = fresh.asked
        if noted.asked != asked:
            begun = [f"with {name} {value}" for name, value in noted.asked.items() if value != asked.get(name)]
            begun += [f"without {name}" for name in asked if name not in noted.asked]
            raise PartFileError(
                f"{self.part} was begun {', '.join(begun)}: --resume needs the same options; "
                "without --resume the export starts over"
            )
        if noted.columns != fresh.columns:
            raise PartFileError(f"{self.part} was begun by another release: without --resume the export starts over")
        found = os.fstat(self._file.fileno()).st_size
        if found < noted.size:
            lacking = f"has {found} of the {noted.size} bytes that were noted"
            raise PartFileError(f"{self.part} {lacking}: without --resume the export starts over")
        return noted

    def _save(self) -> None:
        os.fsync(self._file.fileno())
        new = self._notes.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(self.progress))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._notes)
        self._saved_at = self._clock()


def _check(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not path.is_file():
        raise PartFileError(f"--output {path}: it is not a regular file")
    if path.exists() and not overwrite:
        raise PartFileError(f"--output {path}: it already exists; --force overwrites it")
    if not path.parent.is_dir():
        raise PartFileError(f"--output {path}: the directory {path.parent} does not exist")


def _locked(part: Path) -> BinaryIO:
    """The file as it is, once no other process holds it."""
    file = part.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The previous holder may have finished and renamed it between the two lines above.
        if not part.exists() or part.stat().st_ino != os.fstat(file.fileno()).st_ino:
            raise BlockingIOError
    except BlockingIOError:
        file.close()
        raise PartFileError(f"{part}: another export is writing it") from None
    return file
