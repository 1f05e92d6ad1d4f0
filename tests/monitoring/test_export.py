import csv
import json

import pytest

from monitoring.core.sketch import Sketch
from monitoring.export import COLUMNS, FORMATS, as_csv, as_json, as_jsonl, rows
from monitoring.models import Minute
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db


def exported() -> list:
    return list(rows(Minute.objects.all()))


def test_a_row_has_all_columns_in_their_order():
    minute()
    assert tuple(exported()[0]) == COLUMNS
    assert COLUMNS[:6] == ("minute", "node", "boot", "host", "coverage_seconds", "messages")
    assert {"cpu_percent_max", "fps_avg", "latency_p99_ms"} <= set(COLUMNS)


def test_a_row_says_what_the_minute_measured():
    minute(messages=7, cpu_percent=gauge(10, 20), latency_sketch=Sketch.of([10.0] * 9))
    [row] = exported()
    assert (row["minute"], row["coverage_seconds"], row["messages"]) == ("2023-11-14T22:14:00Z", 60, 7)
    assert [row[f"cpu_percent_{part}"] for part in ("avg", "min", "max")] == [15, 10, 20]
    assert row["latency_p95_ms"] == pytest.approx(10, rel=0.01)


def test_what_was_not_measured_is_empty():
    minute()
    [row] = csv.DictReader("".join(as_csv(exported())).splitlines())
    assert (row["cpu_percent_avg"], row["latency_p50_ms"], row["messages"]) == ("", "", "0")


def test_rows_are_in_order_of_time():
    minute(MINUTE + 60)
    minute(node="web:2")
    minute()
    assert [(row["minute"][14:16], row["node"]) for row in exported()] == [
        ("14", "web:1"),
        ("14", "web:2"),
        ("15", "web:1"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_disarms_texts_that_a_spreadsheet_would_run(start):
    minute(node=f"{start}cmd|'/c calc'!A1")
    [_, line] = csv.reader("".join(as_csv(exported())).splitlines(keepends=True))
    assert line[1].startswith(f"'{start}cmd")


def test_csv_leaves_negative_numbers_alone():
    minute(latency_ms=gauge(-5))
    [row] = csv.DictReader("".join(as_csv(exported())).splitlines())
    assert float(row["latency_ms_min"]) == -5


def test_json_and_json_lines_hold_the_same_rows():
    minute()
    minute(node="아바타:1")
    assert json.loads("".join(as_json(exported()))) == exported()
    assert [json.loads(line) for line in as_jsonl(exported())] == exported()


def test_nothing_is_a_header_an_empty_array_or_no_line():
    assert {name: "".join(form([])) for name, form in FORMATS.items()} == {
        "csv": ",".join(COLUMNS) + "\r\n",
        "json": "[]\n",
        "jsonl": "",
    }
