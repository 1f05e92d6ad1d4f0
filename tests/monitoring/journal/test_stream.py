import tracemalloc
import zlib

import pytest

from monitoring.core.records import BEGINNING
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce
from monitoring.journal import stream
from tests.monitoring.batches import append, batch, sample


def test_a_batch_survives_packing():
    before = batch(sample(messages=3, cpu_percent=12.5))
    assert stream.unpack(stream.pack(before)) == before


@pytest.mark.parametrize("data", [b"", b"poison", stream.pack(batch(sample()))[:-9]])
def test_anything_else_cannot_be_unpacked(data):
    with pytest.raises(ValueError, match="batch"):
        stream.unpack(data)


def test_another_version_is_recognised_and_logged_once_for_each_boot(caplog, monkeypatch):
    monkeypatch.setattr(stream, "said", SaidOnce(stream.logger))
    for boot in ("boot1", "boot1", "boot2"):
        with pytest.raises(OtherFormatError):
            stream.unpack(stream.pack(batch(version=2, boot=boot)))
    assert [record.getMessage() for record in caplog.records] == [
        f"Batches of version 2 of boot {boot}: this release reads version 1; "
        "they wait for a release that can read them; this is logged once"
        for boot in ("boot1", "boot2")
    ]


def test_entries_are_read_after_a_position_oldest_first(redis):
    ids = append(redis, *(batch(seq=seq) for seq in range(1, 6)))
    assert [entry.id for entry in stream.read_after(redis, "0-0")] == ids
    assert [entry.id for entry in stream.read_after(redis, ids[1], count=2)] == ids[2:4]
    assert stream.unpack(stream.read_after(redis, ids[3])[0].data).seq == 5


def test_reading_continues_after_the_position_even_if_the_stream_is_empty_or_missing(redis):
    assert stream.resume_from(redis, "5-0") == "5-0"
    last = append(redis, batch())[0]
    stream.note_stored(redis, last)
    redis.xtrim(stream.keys().stream, maxlen=0)
    assert stream.resume_from(redis, last) == last


def test_reading_starts_over_in_a_stream_younger_than_the_position(redis):
    append(redis, batch())
    assert stream.resume_from(redis, "9999999999999-0") == BEGINNING


def test_reading_starts_over_if_nobody_knows_what_was_stored(redis):
    """For example a Redis that was emptied: its clock may be behind, and new entries then have lower ids."""
    append(redis, batch())
    assert stream.resume_from(redis, "5-0") == BEGINNING


def test_reading_goes_on_if_another_run_has_just_stored_the_entry_and_not_noted_it_yet(redis):
    first, _ = append(redis, batch(), batch(seq=2))
    assert stream.resume_from(redis, first) == first


def test_setting_aside_needs_no_memory(redis, caplog):
    (entry_id,) = append(redis, batch())
    redis.config_set("maxmemory", 1)
    stream.set_aside(redis, stream.Entry(entry_id, b"junk"))
    redis.config_set("maxmemory", 0)
    assert f"Entry {entry_id} of the journal could not be stored and is lost" in caplog.text


def test_a_batch_that_would_fill_the_memory_is_not_unpacked():
    bomb = zlib.compress(bytes(200 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="batch"):
            stream.unpack(bomb)
        assert tracemalloc.get_traced_memory()[1] < 3 * stream.MAX_BATCH_BYTES
    finally:
        tracemalloc.stop()


def at(redis, seconds_ago: float) -> str:
    """The id of an entry of this age."""
    return f"{int((stream.now(redis) - seconds_ago) * 1000)}-0"


def filled(redis, *, since: float, entries: int = 1_000) -> str:
    """Appends entries at an even pace over this many seconds; returns the last one's id."""
    with redis.pipeline(transaction=False) as pipe:
        for number in range(entries):
            pipe.xadd(stream.keys().stream, {stream.FIELD: b"x"}, id=at(redis, since * (1 - number / entries)))
        return pipe.execute()[-1].decode()


def test_trimming_keeps_recently_stored_entries(redis):
    last = filled(redis, since=10_000)
    stream.trim_up_to(redis, last, keep_seconds=5_000)
    assert 500 <= redis.xlen(stream.keys().stream) <= 600
    stream.trim_up_to(redis, last)
    assert redis.xlen(stream.keys().stream) <= 100


def test_trimming_never_touches_unstored_entries(redis):
    filled(redis, since=10_000)
    position = redis.xrange(stream.keys().stream)[300][0].decode()
    stream.trim_up_to(redis, position)
    assert redis.xrange(stream.keys().stream, min=position, max=position) != []


def test_the_older_half_of_a_long_journal_is_trimmed(redis, monkeypatch):
    monkeypatch.setattr(stream, "MAX_KEPT", 900)
    stream.trim_up_to(redis, filled(redis, since=1_000), keep_seconds=7_200)
    assert 500 <= redis.xlen(stream.keys().stream) <= 600


def test_if_memory_is_short_less_is_kept(redis):
    last = filled(redis, since=1_000)
    used = redis.info("memory")["used_memory"]
    redis.config_set("maxmemory", int(used / 0.7))
    stream.trim_up_to(redis, last, keep_seconds=7_200)
    assert 500 <= redis.xlen(stream.keys().stream) <= 600
    redis.config_set("maxmemory", int(used / 0.9))
    stream.trim_up_to(redis, last, keep_seconds=7_200)
    assert redis.xlen(stream.keys().stream) <= 100


def test_trimming_an_empty_journal_does_nothing(redis):
    stream.trim_up_to(redis, "5-0", keep_seconds=7_200)


def test_without_memory_nodes_are_not_told_and_storing_continues(redis, caplog):
    redis.config_set("maxmemory", "1")
    stream.note_stored(redis, "5-0")
    assert redis.get(stream.keys().stored) is None
    assert "Could not tell the nodes" in caplog.text


def test_lag_is_the_age_of_the_oldest_entry(redis):
    redis.xadd(stream.keys().stream, {stream.FIELD: b""}, id=f"{int(stream.now(redis) * 1000) - 4_000}-0")
    last = append(redis, batch())[0]
    assert stream.lag_seconds(redis, "0-0") == pytest.approx(4, abs=0.5)
    assert stream.lag_seconds(redis, last) == 0


def test_the_last_hundred_entries_set_aside_are_kept(redis):
    for number in range(103):
        stream.set_aside(redis, stream.Entry(f"{number}-0", b"poison"))
    assert redis.xrange(stream.keys().set_aside, count=1)[0][1][b"id"] == b"3-0"
