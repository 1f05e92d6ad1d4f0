import io
from datetime import UTC, datetime, timedelta

import pyarrow
import pyarrow.parquet as pq
import pytest

from monitoring.export import parquet
from monitoring.export.table import Chunk, Column, ColumnKind

AT = datetime(2026, 11, 23, 14, 0, 5, 250_000, tzinfo=UTC)
COLUMNS = (
    Column("start", ColumnKind.STRETCH),
    Column("at", ColumnKind.MOMENT),
    Column("node", ColumnKind.TEXT),
    Column("messages", ColumnKind.INTEGER),
    Column("cpu", ColumnKind.NUMBER),
)


def written(*chunks) -> pq.ParquetFile:
    writer = parquet.Parquet(COLUMNS)
    parts = [writer.begin(), *(writer.add(Chunk(list(zip(*rows, strict=True)), AT)) for rows in chunks), writer.end()]
    return pq.ParquetFile(io.BytesIO(b"".join(parts)))


def test_every_kind_has_its_type():
    types = dict(zip(written().schema_arrow.names, written().schema_arrow.types, strict=True))
    assert types == {
        "start": pyarrow.timestamp("ms", tz="UTC"),
        "at": pyarrow.timestamp("us", tz="UTC"),
        "node": pyarrow.string(),
        "messages": pyarrow.int64(),
        "cpu": pyarrow.float64(),
    }


def test_values_come_back_as_they_were():
    whole = AT.replace(microsecond=0)
    [first, second] = written([(whole, AT, "=web", 2**40, 1 / 3)], [(whole, None, "", 0, None)]).read().to_pylist()
    assert list(first.values()) == [whole, AT, "=web", 2**40, 1 / 3]
    assert list(second.values()) == [whole, None, "", 0, None]


def test_a_row_group_holds_whole_chunks_of_bounded_size(monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP", 4)
    chunk = [(AT + timedelta(seconds=second), AT, "a", second, 0.5) for second in range(3)]
    groups = written(chunk, chunk, chunk).metadata
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [6, 3]


def test_it_is_handed_out_while_it_grows(monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP", 1)
    writer = parquet.Parquet(COLUMNS)
    assert writer.begin() == b"PAR1"
    assert len(writer.add(Chunk([[AT], [AT], ["a"], [1], [0.5]], AT))) > 50


def test_nothing_is_a_file_without_rows():
    assert written().read().num_rows == 0


@pytest.mark.parametrize("kind", ColumnKind)
def test_no_kind_lacks_a_type(kind):
    assert kind in parquet.TYPES
