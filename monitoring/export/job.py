"""One export from beginning to end, as a person requested it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from monitoring.export import FORMATS, RESUMABLE
from monitoring.export.selection import Selection
from monitoring.export.table import RefusedError


class Moment(NamedTuple):
    """A time as it was typed and as it was understood."""

    typed: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """The whole request, except where the output goes."""

    selection: Selection
    start: Moment
    end: Moment
    format: str

    @property
    def is_resumable(self) -> bool:
        return self.format in RESUMABLE

    def asked(self) -> dict[str, Any]:
        """The request as it was typed, by the options' names; options that were not typed are left out."""
        options = {
            "--from": self.start.typed,
            "--to": self.end.typed,
            "--of": self.selection.of,
            "--resolution": self.selection.resolution,
            "--bucket": self.selection.width,
            "--metric": sorted(self.selection.metrics),
            "--node": sorted(self.selection.nodes),
            "--fleet": self.selection.fleet,
            "--format": self.format,
        }
        return {name: value for name, value in options.items() if value}

    def check_file(self, path: Path, *, resume: bool) -> None:
        """Raises RefusedError for impossible combinations before any file is touched."""
        self.selection.records(self.start.time, self.end.time)
        if resume and not self.is_resumable:
            raise RefusedError(f"resume: works only with --format {', '.join(RESUMABLE)}, not with {self.format}")
        if path.suffix.lower() == ".gz" and not self.is_resumable:
            raise RefusedError(
                f"output {path}: .gz needs --format {', '.join(RESUMABLE)}; {self.format} is already compressed"
            )


def format_of(output: str) -> str:
    """The format of a file's ending, CSV if it has none of them."""
    name = output.lower().removesuffix(".gz")
    return next((known for known in FORMATS if name.endswith(f".{known}")), FORMATS[0])
