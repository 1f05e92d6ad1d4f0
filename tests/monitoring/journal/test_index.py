import zlib

import pytest

from monitoring.journal import stream
from monitoring.journal.index import JournalIndex, read_range
from tests.monitoring.batches import MINUTE, NESTED, batch, sample


def write(redis, *starts: float, written: float, boot: str = "boot1", seq: int = 1) -> tuple[int, int]:
    """A batch of samples of a second each; its position."""
    data = stream.pack(batch(*map(sample, starts), boot=boot, seq=seq))
    redis.xadd(stream.keys().stream, {stream.FIELD: data}, id=f"{int(written * 1000)}-0")
    return int(written * 1000), 0


@pytest.fixture
def index() -> JournalIndex:
    return JournalIndex(stream.keys())


def test_it_knows_which_entries_hold_a_minute(redis, index):
    inside = write(redis, MINUTE, MINUTE + 4, written=MINUTE + 5)
    across = write(redis, MINUTE + 58, MINUTE + 61, written=MINUTE + 62, seq=2)
    index.update(redis, MINUTE)
    assert index.entries(MINUTE) == (inside, across)
    assert index.entries(MINUTE + 60) == (across,)


def test_what_is_no_batch_holds_nothing(redis, index):
    for data in (b"poison", zlib.compress(NESTED)):
        redis.xadd(stream.keys().stream, {stream.FIELD: data}, id=f"{MINUTE * 1000}-*")
    index.update(redis, MINUTE)
    assert index.entries(MINUTE) == ()


def test_it_looks_back_only_as_far_as_it_is_asked_to(redis, index):
    old = write(redis, MINUTE, written=MINUTE + 5)
    write(redis, MINUTE + 600, written=MINUTE + 605, seq=2)
    index.update(redis)
    assert index.entries(MINUTE) == ()
    index.update(redis, MINUTE)
    assert index.entries(MINUTE) == (old,)


def test_a_copy_of_a_batch_is_no_second_entry(redis, index):
    first = write(redis, MINUTE, written=MINUTE + 5)
    write(redis, MINUTE, written=MINUTE + 6)
    index.update(redis, MINUTE)
    assert index.entries(MINUTE) == (first,)


def test_everything_is_told_once_the_slowest_node_has(redis, index):
    write(redis, MINUTE + 9, written=MINUTE + 10)
    write(redis, MINUTE + 4, written=MINUTE + 11, boot="boot2")
    index.update(redis, MINUTE)
    assert index.until == MINUTE + 5


def test_a_node_that_fell_silent_is_not_waited_for(redis, index):
    write(redis, MINUTE, written=MINUTE + 1)
    write(redis, MINUTE + 29, written=MINUTE + 30, boot="boot2")
    index.update(redis, MINUTE)
    assert index.until == MINUTE + 30


def test_a_clock_far_ahead_is_not_believed(redis, index):
    write(redis, MINUTE + 9_000, written=MINUTE + 10)
    index.update(redis, MINUTE)
    assert index.until == MINUTE + 20


def test_more_entries_than_are_read_at_once_are_all_there(redis):
    with redis.pipeline(transaction=False) as pipe:
        for number in range(1, 1_203):
            pipe.xadd(stream.keys().stream, {stream.FIELD: b"x"}, id=f"{number}-0")
        pipe.execute()
    assert [entry.position[0] for entry in read_range(redis, stream.keys().stream, (2, 0), (1_201, 0))] == [
        *range(2, 1_202)
    ]
