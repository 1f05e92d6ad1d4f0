import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.export.formats import TEXT_FORMATS
from monitoring.export.table import Chunk, Column, ColumnKind

AT = datetime(2026, 11, 23, 14, 0, 5, 250_999, tzinfo=UTC)
COLUMNS = (
    Column("start", ColumnKind.STRETCH),
    Column("text", ColumnKind.TEXT),
    Column("messages", ColumnKind.INTEGER),
    Column("cpu", ColumnKind.NUMBER),
    Column("at", ColumnKind.MOMENT),
)
ROWS = [(AT, "web:1", 7, 12.5, AT), (AT, "아바타", 0, None, None)]


def written(name, *chunks, columns=COLUMNS, rows=0) -> str:
    writer = TEXT_FORMATS[name](columns, rows)
    parts = [writer.begin(), *(writer.add(chunk_of(*chunk)) for chunk in chunks), writer.end()]
    return b"".join(parts).decode()


def chunk_of(*rows) -> Chunk:
    return Chunk(list(zip(*rows, strict=True)), last=AT)


def cells(*texts) -> list[str]:
    """What a reader of CSV finds in a column of these texts."""
    columns = [Column("text", ColumnKind.TEXT), Column("number", ColumnKind.INTEGER)]
    text = written("csv", [(one, 1) for one in texts], columns=columns)
    return [row[0] for row in list(csv.reader(io.StringIO(text, newline="")))[1:]]


def test_csv_has_a_header_and_ends_lines_as_rfc_4180_says():
    assert written("csv", ROWS) == (
        "start,text,messages,cpu,at\r\n"
        "2026-11-23T14:00:05Z,web:1,7,12.5,2026-11-23T14:00:05.250Z\r\n"
        "2026-11-23T14:00:05Z,아바타,0,,\r\n"
    )


def test_json_lines_and_json_hold_the_same_objects():
    objects = [json.loads(line) for line in written("jsonl", ROWS, ROWS).splitlines()]
    assert objects == json.loads(written("json", ROWS, ROWS))
    assert objects[1] == {"start": "2026-11-23T14:00:05Z", "text": "아바타", "messages": 0, "cpu": None, "at": None}


def test_nothing_is_a_header_an_empty_array_or_no_line():
    assert {name: written(name) for name in TEXT_FORMATS} == {
        "csv": "start,text,messages,cpu,at\r\n",
        "json": "[]\n",
        "jsonl": "",
    }


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_it_goes_on_with_a_file_that_has_rows_already(name):
    writer = TEXT_FORMATS[name](COLUMNS)
    begun = (writer.begin() + writer.add(chunk_of(*ROWS))).decode()
    assert begun + written(name, ROWS, rows=2) == written(name, ROWS, ROWS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_disarms_texts_that_a_spreadsheet_would_run(start):
    assert cells(f"{start}cmd|'/c calc'!A1") == [f"'{start}cmd|'/c calc'!A1"]


def test_csv_leaves_negative_numbers_alone():
    text = written("csv", [(AT, "a", -5, -2.5, None)])
    assert text.splitlines()[1] == "2026-11-23T14:00:05Z,a,-5,-2.5,"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_csv_gives_back_any_text(texts):
    assert cells(*texts) == [f"'{text}" if re.match(r"[=+\-@\t\r\n]", text) else text for text in texts]


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.floats(allow_nan=False, allow_infinity=False)
        ),
        min_size=1,
    )
)
def test_numbers_are_intact(rows):
    columns = [Column("whole", ColumnKind.INTEGER), Column("real", ColumnKind.NUMBER)]
    lines = list(csv.reader(written("csv", rows, columns=columns).splitlines()))[1:]
    assert [(whole and int(whole), real and float(real)) for whole, real in lines] == [
        tuple("" if value is None else value for value in row) for row in rows
    ]
    objects = json.loads(written("json", rows, columns=columns))
    assert [tuple(one.values()) for one in objects] == rows


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_json_gives_back_any_text_on_one_line_each(texts):
    columns = [Column("text", ColumnKind.TEXT)]
    rows = [(text,) for text in texts]
    assert [one["text"] for one in json.loads(written("json", rows, columns=columns))] == texts
    lines = written("jsonl", rows, columns=columns).split("\n")[:-1]
    assert [json.loads(line)["text"] for line in lines] == texts
