from datetime import UTC, datetime, timedelta

import pytest

from monitoring.history import annotations
from monitoring.history.annotations import MOST_OF_A_KIND, marks
from monitoring.models import Marker, Node

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def started(seconds: float, node: str = "web:1") -> Node:
    return Node.objects.create(
        node=node, boot=f"{node}-{seconds}", host="web", first_seen=after(seconds), last_seen=after(seconds)
    )


def texts(node: str = "") -> list[str]:
    return [mark.text for mark in marks(NOON, after(3600), node)]


def test_peoples_marks_and_node_starts_are_listed_in_order():
    started(60)
    Marker.objects.create(at=after(30), text="release 2")
    assert [(mark.kind, mark.text) for mark in marks(NOON, after(3600))] == [
        ("deploy", "release 2"),
        ("start", "web:1 started"),
    ]


def test_the_range_includes_its_start_and_excludes_its_end():
    for seconds in (-1, 0, 3599, 3600):
        Marker.objects.create(at=after(seconds), text=str(seconds))
        started(seconds, node=f"web:{seconds}")
    assert texts() == ["0", "web:0 started", "3599", "web:3599 started"]


def test_nodes_that_started_within_a_minute_are_one_mark():
    for number in range(5):
        started(number * 15, node=f"web:{number}")
    started(61, node="late:1")
    assert texts() == ["5 nodes started: web:0, web:1, web:2 …", "late:1 started"]


def test_one_node_shows_only_its_own_starts_but_every_deployment():
    started(10, node="web:1")
    started(20, node="web:2")
    Marker.objects.create(at=after(30), text="release 2")
    assert texts("web:2") == ["web:2 started", "release 2"]


def test_only_the_newest_of_very_many_are_listed():
    Marker.objects.bulk_create(Marker(at=after(number), text=str(number)) for number in range(MOST_OF_A_KIND + 3))
    assert (len(texts()), texts()[0]) == (MOST_OF_A_KIND, "3")


def test_a_start_is_told_in_the_readers_language(monkeypatch):
    monkeypatch.setattr(annotations, "gettext", {"%(node)s started": "%(node)s 시작됨"}.__getitem__)
    started(60)
    assert texts() == ["web:1 시작됨"]
