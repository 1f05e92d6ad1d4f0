from itertools import pairwise

import pytest

from monitoring.core.stats.sample import Sample
from monitoring.export import reading
from monitoring.export.reading import evenly, read
from monitoring.models import Minute
from tests.monitoring.batches import MINUTE


def rows(*counts) -> list:
    """So many rows of each following moment."""
    return [(moment, number) for moment, count in enumerate(counts) for number in range(count)]


@pytest.fixture
def stored(db):
    """Minutes of three nodes, of which one came late."""
    for epoch, nodes in ((MINUTE, "ab"), (MINUTE + 60, "abc"), (MINUTE + 120, "abc")):
        Minute.objects.bulk_create(Minute.from_sample(node, node, "web", Sample(start=epoch)) for node in nodes)


def rest(after):
    found = Minute.objects.order_by("minute", "node")
    return found if after is None else found.filter(epoch__gt=after)


@pytest.fixture(params=range(1, 10))
def size(request, monkeypatch) -> None:
    """How many rows a query reads."""
    monkeypatch.setattr(reading, "READ", request.param)


def test_all_rows_are_read_once_whatever_the_size(stored, size):
    found = [row for part in read(rest, ["epoch", "node"]) for row in part]
    assert [(epoch - MINUTE, node) for epoch, node in found] == [
        *((0, node) for node in "ab"),
        *((60, node) for node in "abc"),
        *((120, node) for node in "abc"),
    ]


def test_rows_of_one_moment_are_never_parted(stored, size):
    moments = [{row[0] for row in part} for part in read(rest, ["epoch", "node"])]
    assert all(before.isdisjoint(after) for before, after in pairwise(moments))


def test_it_goes_on_behind_any_moment(stored, size):
    found = [row for part in read(rest, ["epoch", "node"], MINUTE + 60) for row in part]
    assert [(epoch - MINUTE, node) for epoch, node in found] == [(120, "a"), (120, "b"), (120, "c")]


def test_nothing_has_no_rows(db):
    assert list(read(rest, ["epoch"])) == []


def test_it_asks_once_for_each_part_and_once_for_the_end(stored, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(reading, "READ", 4)
    with django_assert_num_queries(3):
        assert [len(part) for part in read(rest, ["epoch"])] == [2, 3, 3]


def test_evenly_gives_whole_moments_of_at_most_so_many_rows(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 4)
    given = rows(2, 1, 1, 3, 1)
    for cut in range(len(given)):
        found = list(evenly([given[:cut], given[cut:]]))
        assert found == [rows(2, 1, 1), [(3, 0), (3, 1), (3, 2), (4, 0)]]


def test_evenly_does_not_part_a_moment_of_many_rows(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 3)
    assert [len(part) for part in evenly([rows(1, 7, 1)])] == [1, 7, 1]
