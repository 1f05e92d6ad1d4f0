"""Records as columns of values, a chunk at a time: what every source gives and every format takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

Values = Sequence[Any]


class RefusedError(ValueError):
    """What was asked for can't be given; the text begins with the name of the choice, and ends with what is allowed."""


class ColumnKind(Enum):
    """What the values of a column are; any of them may be None, which is what was not measured."""

    STRETCH = auto()  # datetime in UTC, of whole seconds
    MOMENT = auto()  # datetime in UTC, to the millisecond
    INTEGER = auto()
    NUMBER = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Chunk:
    """So many rows, as one list of values for each column; `last` is when the last of them began."""

    columns: Sequence[Values]
    last: datetime

    @property
    def rows(self) -> int:
        return len(self.columns[0])


class Table(Protocol):
    """Rows of these columns, never all of them in memory."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    def chunks(self) -> Iterator[Chunk]: ...


class Records(Table, Protocol):
    """Rows in order of time, with which one can go on."""

    def count(self, after: datetime | None = None) -> int:
        """How many rows begin after the moment; at most, where rows are merged."""

    def chunks(self, after: datetime | None = None) -> Iterator[Chunk]:
        """The rows that begin after the moment. A chunk never ends between two rows of one moment, so that its `last`
        is all that is needed to go on behind it; the chunks are the same wherever one began."""
