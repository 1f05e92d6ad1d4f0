"""The text formats of columns: CSV, JSON lines and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

import msgspec

from monitoring.export.table import Chunk, Column, ColumnKind, Values

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBERS = (ColumnKind.INTEGER, ColumnKind.NUMBER)
TIMESPECS = {ColumnKind.STRETCH: "seconds", ColumnKind.MOMENT: "milliseconds"}

_json = msgspec.json.Encoder()


class Writer(Protocol):
    """Makes the bytes of one file: those of `begin`, of each chunk in turn, and of `end`."""

    def begin(self) -> bytes: ...

    def add(self, chunk: Chunk) -> bytes: ...

    def end(self) -> bytes: ...


class Csv:
    """RFC 4180 with a header; text that a spreadsheet would run as a formula gets a leading apostrophe.

    Values that were not measured are empty. `rows` is how many rows the file already has.
    """

    def __init__(self, columns: Sequence[Column], rows: int = 0) -> None:
        self._columns = columns
        self._rows = rows

    def begin(self) -> bytes:
        return b"" if self._rows else f"{','.join(column.name for column in self._columns)}\r\n".encode()

    def add(self, chunk: Chunk) -> bytes:
        cells: list[Sequence[str]] = []
        pairs = zip(self._columns, chunk.columns, strict=True)
        for are_numbers, neighbours in groupby(pairs, key=lambda pair: pair[0].kind in NUMBERS):
            if are_numbers:
                cells.append(_numbers([values for _, values in neighbours]))
            else:
                cells += [_texts(column.kind, values) for column, values in neighbours]
        lines = map(",".join, zip(*cells, strict=True))
        return ("\r\n".join(lines) + "\r\n").encode()

    def end(self) -> bytes:
        return b""


class JsonLines:
    """One JSON object per line; values that were not measured are null."""

    def __init__(self, columns: Sequence[Column], rows: int = 0) -> None:  # noqa: ARG002
        self._columns = columns
        self._names = [column.name for column in columns]

    def begin(self) -> bytes:
        return b""

    def add(self, chunk: Chunk) -> bytes:
        columns = [_as_json(column, values) for column, values in zip(self._columns, chunk.columns, strict=True)]
        names = self._names
        return _json.encode_lines([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)])

    def end(self) -> bytes:
        return b""


class Json:
    """One JSON array of objects, one object per line."""

    def __init__(self, columns: Sequence[Column], rows: int = 0) -> None:
        self._lines = JsonLines(columns)
        self._rows = rows

    def begin(self) -> bytes:
        return b"" if self._rows else b"["

    def add(self, chunk: Chunk) -> bytes:
        # Line ends within a text are escaped, so any found here separate objects.
        objects = self._lines.add(chunk)[:-1].replace(b"\n", b",\n")
        before = b",\n" if self._rows else b"\n"
        self._rows += chunk.rows
        return before + objects

    def end(self) -> bytes:
        return b"\n]\n" if self._rows else b"]\n"


def _numbers(columns: Sequence[Values]) -> list[str]:
    """The cells of neighbouring columns; the cells of one row become one text."""
    # Encoding one list of lists is several times faster than encoding its numbers one by one.
    encoded = _json.encode(list(zip(*columns, strict=True))).replace(b"null", b"").decode()
    return encoded[2:-2].split("],[")


def _texts(kind: ColumnKind, values: Values) -> list[str]:
    return _each_once(_cell if kind is ColumnKind.TEXT else _moment_text(kind), values)


def _cell(text: str) -> str:
    if text.startswith(FORMULA_STARTS):
        text = f"'{text}"
    if any(special in text for special in '",\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _as_json(column: Column, values: Values) -> Iterable[Any]:
    return _each_once(_moment_text(column.kind), values, None) if column.kind in TIMESPECS else values


def _moment_text(kind: ColumnKind) -> Callable[[datetime], str]:
    """UTC, as ISO 8601 writes it."""
    timespec = TIMESPECS[kind]
    return lambda moment: moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _each_once(convert: Callable[[Any], str], values: Values, nothing: Any = "") -> list[Any]:
    """Converts each distinct value once, because many rows contain the same few."""
    known = {value: nothing if value is None else convert(value) for value in set(values)}
    return list(map(known.__getitem__, values))


TEXT_FORMATS: dict[str, Callable[..., Writer]] = {"csv": Csv, "jsonl": JsonLines, "json": Json}
