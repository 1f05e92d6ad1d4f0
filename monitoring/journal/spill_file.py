"""One boot's batches on disk: an append-only file that its process holds locked. All calls may wait for the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from monitoring.core.wire.other_formats import OtherFormatError
from monitoring.journal.spill_record import MARK, MARK_OF_ANY, Scan, record, scan

ENDING, NEW, BAD = ".spill", ".new", ".bad"
CHUNK = 50
CHUNK_BYTES = 256 * 1024


class SpillFile:
    """Records are appended at the end and taken from the front; every method raises OSError if the disk fails.

    Nobody else has the file while it is open here: a file whose lock is free was left by a dead process. `records` and
    `waiting_bytes` are what waits in it, `torn` is how often something unreadable lay between the taken records.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.records = 0
        self.torn = 0
        self.since = time.monotonic()
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._taken = 0
        self._shown: Scan | None = None

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new file, locked before anybody can see it under its name."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _locked_new(path)
        try:
            _put_in_place(path)
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """The file that a dead process left; None while its process lives, or if another one has taken it.

        Raises OtherFormatError, and leaves the file as it is, if its records belong to another release.
        """
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            file = cls._taken_over(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        if file is None:
            os.close(descriptor)
        return file

    @classmethod
    def _taken_over(cls, path: Path, descriptor: int) -> Self | None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, another node may have replayed and removed it.
            if os.stat(path).st_ino != os.fstat(descriptor).st_ino:
                return None
        except (BlockingIOError, FileNotFoundError):
            return None
        mark = os.pread(descriptor, len(MARK), 0)
        if mark.startswith(MARK_OF_ANY) and mark != MARK and len(mark) == len(MARK):
            raise OtherFormatError(f"records of version {mark[-1:]!r}")
        file = cls(path, descriptor)
        file.records = file._count()
        return file

    @property
    def waiting_bytes(self) -> int:
        return self._size - self._taken

    def append(self, batches: Sequence[bytes]) -> None:
        """Appends all of them, on disk when this returns, or none."""
        data = b"".join(record(batch) for batch in batches)
        try:
            if os.pwrite(self._descriptor, data, self._size) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError:
            # If that fails too, readers skip a torn record.
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self.records += len(batches)

    def first(self) -> list[bytes]:
        """The oldest batches, about fifty of them; none if all have been taken."""
        self._shown = self._scan(self._taken)
        if not self._shown.records:
            self.take_first()
            return []
        return self._shown.records

    def take_first(self) -> None:
        """Releases what `first` returned."""
        if self._shown is None:
            return
        self.records -= len(self._shown.records)
        self.torn += self._shown.torn
        self._taken = self._shown.end
        self._shown = None

    def drop_oldest(self, share: float) -> int:
        """Gives up about this share of what waits; returns the number of batches."""
        wanted, at, dropped = self._taken + int(self.waiting_bytes * share), self._taken, 0
        while at < wanted:
            found = self._scan(at)
            dropped, at = dropped + len(found.records), found.end
        descriptor = _locked_new(self.path)
        try:
            with open(self._descriptor, "rb", closefd=False) as old, open(descriptor, "wb", closefd=False) as new:
                old.seek(at)
                shutil.copyfileobj(old, new, CHUNK_BYTES)
            os.fsync(descriptor)
            _put_in_place(self.path)
        except OSError:
            os.close(descriptor)
            raise
        os.close(self._descriptor)
        self._descriptor, self._size, self._taken, self._shown = descriptor, self._size - at, 0, None
        self.records -= dropped
        return dropped

    def finish(self) -> None:
        """Removes the file once everything has been taken; a file with torn records is kept aside for a human."""
        try:
            if self.torn:
                self.path.rename(self.path.with_suffix(BAD))
            else:
                self.path.unlink()
        finally:
            self.close()

    def close(self) -> None:
        """Leaves the file for the next process."""
        os.close(self._descriptor)

    def _count(self) -> int:
        at, records = 0, 0
        while at < self._size:
            found = self._scan(at)
            records, at = records + len(found.records), found.end
        return records

    def _scan(self, start: int) -> Scan:
        return scan(self._pread, start, self._size, most=CHUNK, most_bytes=CHUNK_BYTES)

    def _pread(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, min(length, self._size - offset), offset)


def _locked_new(path: Path) -> int:
    descriptor = os.open(path.with_suffix(NEW), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _put_in_place(path: Path) -> None:
    """Gives the new file its name, durably even after a power cut."""
    path.with_suffix(NEW).rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
