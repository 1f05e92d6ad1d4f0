"""Where a node keeps its batches while the journal does not accept them: its own file in a shared directory.

The file of a killed process is found by whichever node starts next, and replayed under its own boot and numbers, so
nothing is stored twice. Every call may wait for the disk.
"""

from __future__ import annotations

import errno
import logging
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from monitoring.core.counted import counted
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce
from monitoring.journal.spill_file import BAD, ENDING, NEW, SpillFile

logger = logging.getLogger(__name__)
said = SaidOnce(logger)

MAX_BYTES = 64 * 1024 * 1024
"""A typical node's batches of three days. Beyond that, the older half is deleted."""

MAX_DIRECTORY_BYTES = 16 * MAX_BYTES
SHARE_TO_DROP = 0.5
MAX_ADOPTED = 20
MAX_BAD = 10


class Spill:
    """This node's file, created on first use and removed when all of it has been taken, and the files of dead nodes.

    `dropped` counts the batches that found no room, `set_aside` the unreadable ones. The lock is for a thread that has
    to finish something although the task that waited for it was cancelled.
    """

    def __init__(self, directory: Path, node: str, boot: str, max_bytes: int = MAX_BYTES) -> None:
        self.dropped = 0
        self.set_aside = 0
        self._directory = directory
        self._path = directory / f"{re.sub(r'[^A-Za-z0-9_:-]', '_', node)}-{boot}{ENDING}"
        self._max_bytes = max_bytes
        self._own: SpillFile | None = None
        self._adopted: list[SpillFile] = []
        self._lock = threading.Lock()

    @property
    def files(self) -> list[SpillFile]:
        """This node's file first, then those of dead nodes, oldest first."""
        return [*([self._own] if self._own else []), *self._adopted]

    @property
    def has_own(self) -> bool:
        """Whether any of this node's batches waits here, so that later ones have to queue behind it."""
        return self._own is not None

    @property
    def has_adopted(self) -> bool:
        return bool(self._adopted)

    def append(self, batches: Sequence[bytes]) -> None:
        """Appends all of them, on disk when this returns, or none; then it raises OSError."""
        with self._lock:
            if self._own is None:
                self._check_room()
                self._own = SpillFile.create(self._path)
            elif self._own.waiting_bytes > self._max_bytes:
                self._drop_oldest(self._own)
            self._own.append(batches)

    def first(self, *, own: bool) -> list[bytes]:
        """The oldest batches of this node, or of dead ones; none if there are none left."""
        with self._lock:
            while file := self._file(own=own):
                try:
                    found = file.first()
                except OSError as error:
                    self._give_up(file, error)
                    continue
                if found:
                    return found
                self._finish(file)
            return []

    def take_first(self, *, own: bool) -> None:
        """Releases what `first` returned, because the journal has it."""
        with self._lock:
            if file := self._file(own=own):
                file.take_first()
                if not file.waiting_bytes:
                    self._finish(file)

    def adopt(self) -> int:
        """Takes over what dead processes left here, twenty of them at a time; returns the number of batches."""
        with self._lock:
            before = len(self._adopted)
            known = {file.path for file in self.files}
            for path in sorted(self._directory.glob(f"*{ENDING}"), key=_changed_at):
                if path not in known and len(self._adopted) < MAX_ADOPTED:
                    self._adopt(path)
            self._clear_rests()
            return sum(file.records for file in self._adopted[before:])

    def close(self) -> None:
        """Leaves the files for the next process."""
        with self._lock:
            for file in self.files:
                file.close()
            self._own, self._adopted = None, []

    def _file(self, *, own: bool) -> SpillFile | None:
        return self._own if own else next(iter(self._adopted), None)

    def _adopt(self, path: Path) -> None:
        try:
            if file := SpillFile.adopt(path):
                self._adopted.append(file)
        except OtherFormatError as error:
            said.warn("The spill file", path.name, f"it is left to the release that wrote it: {error}")
        except OSError as error:
            logger.error("%s was left by a dead process and cannot be read: %s", path, error)

    def _finish(self, file: SpillFile) -> None:
        self._leave(file)
        if file.torn:
            self.set_aside += file.torn
            logger.error(
                "%s has %s and is kept as %s", file.path, counted(file.torn, "torn record"), file.path.with_suffix(BAD)
            )
        try:
            file.finish()
        except OSError as error:
            logger.error("%s was replayed but cannot be removed, so it will be replayed again: %s", file.path, error)

    def _give_up(self, file: SpillFile, error: OSError) -> None:
        self._leave(file)
        self.dropped += file.records
        logger.error("Cannot read %s and lost %s: %s", file.path, counted(file.records, "batch", "batches"), error)
        file.close()

    def _leave(self, file: SpillFile) -> None:
        if file is self._own:
            self._own = None
        else:
            self._adopted.remove(file)

    def _check_room(self) -> None:
        held = sum(_size_of(path) for path in self._directory.glob(f"*{ENDING}"))
        if held > MAX_DIRECTORY_BYTES:
            raise OSError(errno.EDQUOT, f"more than {MAX_DIRECTORY_BYTES >> 20} MB are already waiting there")

    def _drop_oldest(self, file: SpillFile) -> None:
        count = file.drop_oldest(SHARE_TO_DROP)
        self.dropped += count
        lost = counted(count, "batch", "batches")
        logger.error("%s: lost the oldest %s because at most %d bytes are kept", file.path, lost, self._max_bytes)

    def _clear_rests(self) -> None:
        """Removes what a killed process had just begun, and all but the last ten files that were set aside."""
        try:
            for path in sorted(self._directory.glob(f"*{BAD}"), key=_changed_at)[:-MAX_BAD]:
                path.unlink(missing_ok=True)
            for path in self._directory.glob(f"*{NEW}"):
                with suppress(OtherFormatError):  # it is also a copy of a file that is left to its release
                    if file := SpillFile.adopt(path):
                        file.finish()
        except OSError as error:
            logger.warning("Cannot clean up %s: %s", self._directory, error)


def _changed_at(path: Path) -> float:
    """When it was last written; files that another node has meanwhile removed come first."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
