import json
import sys

import pytest

from monitoring.columns import timestamp
from monitoring.export import FORMATS, MEDIA_TYPES, stream
from monitoring.export.selection import Selection
from monitoring.extras import MissingExtraError
from tests.monitoring.batches import MINUTE, minute

pytestmark = pytest.mark.django_db


def records():
    return Selection(metrics=["messages"]).records(timestamp(MINUTE), timestamp(MINUTE + 3_600))


def test_it_yields_the_file_piece_by_piece():
    minute(messages=7)
    parts = list(stream(records(), "json"))
    assert len(parts) == 3
    assert [row["messages"] for row in json.loads(b"".join(parts))] == [7]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_media_type_and_can_be_empty(name):
    assert MEDIA_TYPES[name]
    assert isinstance(b"".join(stream(records(), name)), bytes)


def test_an_unknown_format_is_named_before_anything_is_read(django_assert_num_queries):
    asked = records()
    with django_assert_num_queries(0), pytest.raises(ValueError, match=r"^format=xml: must be one of csv, jsonl, json"):
        stream(asked, "xml")


def test_a_missing_extra_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "monitoring.export.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"^pyarrow is not installed: pip install pyarrow"):
        stream(records(), "parquet")
