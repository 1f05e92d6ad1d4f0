import json

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from monitoring.columns import timestamp
from monitoring.export.response import download
from monitoring.export.table import Chunk, Column, ColumnKind
from tests.monitoring.batches import MINUTE


class Numbers:
    """A chunk for each number."""

    columns = (Column("number", ColumnKind.INTEGER),)

    def __init__(self) -> None:
        self.given = 0

    def chunks(self):
        for number in (1, 2):
            self.given = number
            yield Chunk([[number]], last=timestamp(MINUTE))


def test_the_file_has_a_name_that_every_system_takes():
    response = download(RequestFactory().get("/"), Numbers(), "csv", "trends", "", "web:1/../é", "2026")
    assert response["Content-Disposition"] == 'attachment; filename="trends_web-1-..-_2026.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.getvalue() == b"number\r\n1\r\n2\r\n"


async def test_an_asynchronous_server_gets_it_piece_by_piece():
    numbers = Numbers()
    response = download(AsyncRequestFactory().get("/"), numbers, "json", "numbers")
    parts, given = [], []
    async for part in response:
        parts.append(part)
        given.append(numbers.given)
    assert json.loads(b"".join(parts)) == [{"number": 1}, {"number": 2}]
    assert given == [0, 1, 2, 2]


def test_an_unknown_format_is_refused_before_it_begins():
    with pytest.raises(ValueError, match=r"^format=xml: must be one of csv"):
        download(RequestFactory().get("/"), Numbers(), "xml", "numbers")
