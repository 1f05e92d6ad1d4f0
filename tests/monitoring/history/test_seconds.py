import math
import re
from datetime import UTC, datetime

import pytest

from monitoring.history import seconds
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.journal import stream
from tests.monitoring.batches import MINUTE, batch, sample

START = MINUTE + 10


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """A process that has read nothing yet."""
    monkeypatch.setattr(seconds, "_readers", {})


def at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def write(redis, *samples, written: float = 0.0, **options) -> None:
    """A batch in the journal, by default as soon as its last sample has ended."""
    written = written or samples[-1].until
    number = redis.xlen(stream.keys().stream)
    data = stream.pack(batch(*samples, **options))
    redis.xadd(stream.keys().stream, {stream.FIELD: data}, id=f"{int(written * 1000)}-{number}")


def five(start: float = START, **values) -> list:
    return [sample(start + second, **values) for second in range(5)]


def read(start: float = START, end: float = START + 5, **options) -> list[tuple[float, float | None]]:
    """Start and clients of each second."""
    return [(one.start, one.connections.average) for one in seconds.samples(at(start), at(end), **options)]


def test_it_returns_one_sample_for_each_second_in_order(redis):
    write(redis, *five(START, connections=2))
    write(redis, *five(START + 5, connections=3), seq=2)
    assert read(START + 3, START + 7) == [(START + 3, 2), (START + 4, 2), (START + 5, 3), (START + 6, 3)]


def test_unmeasured_seconds_are_missing(redis):
    write(redis, sample(START, connections=1), sample(START + 3, connections=1))
    assert read() == [(START, 1), (START + 3, 1)]
    assert read(START + 60, START + 70) == []


def test_many_nodes_are_folded_to_the_fleet(redis):
    for node in ("web:1", "web:2"):
        write(redis, *five(connections=2, messages=3), node=node, boot=node)
    fleet = seconds.samples(at(START), at(START + 1))[0]
    assert (fleet.connections.average, fleet.messages, fleet.seconds) == (4, 6, 1)


def test_it_can_be_limited_to_some_nodes(redis):
    for number, node in enumerate(("web:1", "web:2"), 1):
        write(redis, *five(connections=number), node=node, boot=node)
    assert read(nodes=["web:2"])[0] == (START, 2)
    assert read(nodes=["nobody"]) == []


def test_each_node_can_be_read_separately(redis):
    for number, node in enumerate(("web:1", "web:2"), 1):
        write(redis, *five(connections=number), node=node, boot=node)
    (second,) = seconds.by_node(at(START), at(START + 1))
    assert [(part.node, part.sample.connections.average) for part in second.parts] == [("web:1", 1), ("web:2", 2)]
    assert second.fleet.connections.average == 3


def test_a_batch_that_was_appended_twice_counts_once(redis):
    write(redis, *five(messages=3))
    write(redis, *five(messages=3))
    assert seconds.samples(at(START), at(START + 1))[0].messages == 3


def test_unreadable_entries_are_skipped(redis):
    write(redis, *five(connections=1))
    redis.xadd(stream.keys().stream, {stream.FIELD: b"poison"}, id=f"{(START + 5) * 1000}-7")
    write(redis, *five(connections=9), seq=2, version=99, written=START + 6)
    for number, start in enumerate((math.nan, math.inf, -math.inf, 1e300, -1.0)):
        write(redis, *five(start), sample(START, connections=9), boot=f"odd{number}", written=START + 7 + number)
    write(redis, *five(START + 5, connections=2), seq=3, written=START + 15)
    assert len(read(START, START + 10)) == 10
    assert read(START, START + 1) == [(START, 1)]


def test_data_that_came_hours_late_is_found(redis):
    write(redis, *five(connections=1))
    write(redis, *five(connections=2), node="web:2", boot="boot2", written=START + 10_000)
    assert read()[0] == (START, 3)


def test_data_that_arrives_after_a_read_is_seen_by_the_next_one(redis):
    write(redis, *five(connections=1))
    assert read(START, START + 10) == [(START + second, 1) for second in range(5)]
    write(redis, *five(START + 5, connections=2), seq=2)
    assert len(read(START, START + 10)) == 10


def test_data_that_the_journal_deleted_is_gone(redis):
    write(redis, *five(connections=1))
    write(redis, *five(START + 5, connections=2), seq=2)
    assert len(read(START, START + 10)) == 10
    redis.xtrim(stream.keys().stream, maxlen=1, approximate=False)
    assert [start for start, _ in read(START, START + 10)] == [START + 5 + second for second in range(5)]


def test_a_new_journal_in_place_of_the_old_one_is_another_one(redis):
    write(redis, *five(START + 30, connections=1))
    assert len(read(START + 30, START + 35)) == 5
    redis.delete(stream.keys().stream)
    assert read(START + 30, START + 35) == []
    write(redis, *five(connections=7))
    assert read()[0] == (START, 7)


def test_an_interval_of_several_seconds_is_split_into_seconds(redis):
    write(redis, sample(START, seconds=5.0, messages=10, connections=2))
    assert read() == [(START + second, 2) for second in range(5)]
    assert [one.messages for one in seconds.samples(at(START), at(START + 5))] == [2] * 5


def test_intervals_within_a_second_are_added(redis):
    write(redis, *(sample(START + tenth / 10, seconds=0.1, messages=1) for tenth in range(10)))
    (second,) = seconds.samples(at(START), at(START + 1))
    assert (second.messages, second.seconds) == (10, pytest.approx(1))


def test_a_restart_within_a_second_is_one_node(redis):
    write(redis, sample(START, seconds=0.5, connections=4))
    write(redis, sample(START + 0.5, seconds=0.5, connections=4), boot="boot2")
    assert read(START, START + 1) == [(START, 4)]


def test_the_span_is_what_every_node_has_reported(redis):
    assert seconds.span() is None
    write(redis, *five())
    write(redis, *five(START + 5), seq=2)
    assert seconds.span() == (at(START + 5), at(START + 10))
    write(redis, *five(START + 7), node="web:2", boot="boot2")
    assert seconds.span()[1] == at(START + 10)


def test_an_empty_journal_has_no_seconds(redis):
    assert read() == []


@pytest.mark.parametrize("ask", [seconds.span, read])
def test_without_redis_it_says_why(settings, tmp_path, caplog, ask):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    with pytest.raises(SecondsUnavailableError, match=r"Cannot read the journal because Redis does not answer$"):
        ask()
    # Where Redis is, is for the log.
    assert re.search(r"Cannot read the journal: .*nobody\.sock", caplog.text)


def test_a_project_without_redis_has_no_journal(settings):
    del settings.REDIS_URL
    with pytest.raises(SecondsUnavailableError, match="REDIS_URL is missing"):
        seconds.span()


def test_a_hanging_redis_times_out(redis, monkeypatch):
    monkeypatch.setattr(seconds, "LONGEST", -1.0)
    write(redis, *five())
    with pytest.raises(SecondsUnavailableError, match="within"):
        read()


def test_after_an_outage_it_reads_on(redis, settings, tmp_path):
    url = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    with pytest.raises(SecondsUnavailableError):
        read()
    settings.REDIS_URL = url
    write(redis, *five(connections=1))
    assert len(read()) == 5
