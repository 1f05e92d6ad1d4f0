"""Exports records in any format as the bytes of a file, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitoring.export.formats import TEXT_FORMATS, Writer
from monitoring.export.table import Column, Table
from monitoring.extras import needed

FORMATS = (*TEXT_FORMATS, "parquet")
RESUMABLE = tuple(TEXT_FORMATS)
"""A Parquet file is not valid until its end is written."""
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


def stream(table: Table, format: str) -> Iterator[bytes]:  # noqa: A002
    """The file as it grows, a chunk of rows at a time.

    Raises ValueError for an unknown format, and MissingExtraError, before the first row is read.
    """
    return _written(table, writer_of(format, table.columns))


def writer_of(format: str, columns: Sequence[Column], rows: int = 0) -> Writer:  # noqa: A002
    """The writer for the format, for a file that already has this many rows; only text formats may have any."""
    if format in TEXT_FORMATS:
        return TEXT_FORMATS[format](columns, rows)
    if format not in FORMATS:
        raise ValueError(f"format={format[:40]}: must be one of {', '.join(FORMATS)}")
    with needed("pyarrow"):
        from monitoring.export.parquet import Parquet
    return Parquet(columns)


def _written(table: Table, writer: Writer) -> Iterator[bytes]:
    yield writer.begin()
    for chunk in table.chunks():
        yield writer.add(chunk)
    yield writer.end()
