"""Records as columns of values, a chunk at a time: every source produces this and every format takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

Values = Sequence[Any]


class RefusedError(ValueError):
    """A request that cannot be met; the text begins with the name of the option, and ends with what is allowed."""


class ColumnKind(Enum):
    """What the values of a column are; any of them may be None, which means not measured."""

    STRETCH = auto()  # datetime in UTC, whole seconds
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
    """A number of rows, as one list of values for each column; `last` is when the last of them began."""

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
    """Rows in order of time, which can be resumed after a moment."""

    def count(self, after: datetime | None = None) -> int:
        """How many rows begin after the moment; an upper bound if rows are merged."""

    def chunks(self, after: datetime | None = None) -> Iterator[Chunk]:
        """The rows that begin after the moment.

        A chunk never ends between two rows of one moment, so its `last` is all that is needed to continue after it; the
        chunks are the same wherever one began.
        """
