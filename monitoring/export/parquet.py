"""Columns as a Parquet file, typed and compressed, written by pyarrow in row groups of bounded size."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow
import pyarrow.parquet

from monitoring.export.table import Chunk, Column, ColumnKind

ROW_GROUP = 20_000
TYPES = {
    ColumnKind.STRETCH: pyarrow.timestamp("ms", tz="UTC"),
    ColumnKind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
    ColumnKind.INTEGER: pyarrow.int64(),
    ColumnKind.NUMBER: pyarrow.float64(),
    ColumnKind.TEXT: pyarrow.string(),
}


class Parquet:
    """Holds one row group at a time; the file can be read only once its end is written."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._schema = pyarrow.schema([(column.name, TYPES[column.kind]) for column in columns])
        self._out = _Outlet()
        # Texts repeat, numbers hardly do, and a dictionary may take a megabyte per column.
        texts = [column.name for column in columns if column.kind is ColumnKind.TEXT]
        self._writer = pyarrow.parquet.ParquetWriter(self._out, self._schema, compression="zstd", use_dictionary=texts)
        self._batches: list[pyarrow.RecordBatch] = []
        self._rows = 0

    def begin(self) -> bytes:
        return self._out.take()

    def add(self, chunk: Chunk) -> bytes:
        arrays = [
            pyarrow.array(values, type=kind) for values, kind in zip(chunk.columns, self._schema.types, strict=True)
        ]
        self._batches.append(pyarrow.record_batch(arrays, schema=self._schema))
        self._rows += chunk.rows
        return self._row_group() if self._rows >= ROW_GROUP else b""

    def end(self) -> bytes:
        last = self._row_group() if self._batches else b""
        self._writer.close()
        return last + self._out.take()

    def _row_group(self) -> bytes:
        self._writer.write_table(pyarrow.Table.from_batches(self._batches))
        self._batches, self._rows = [], 0
        return self._out.take()


class _Outlet(io.RawIOBase):
    """A file that passes on what is written to it and still knows its position."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._written.append(bytes(data))
        self._position += len(data)
        return len(data)

    def take(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written
