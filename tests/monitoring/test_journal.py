import pytest

from monitoring import journal
from tests.monitoring.batches import append, batch, sample


def test_a_batch_survives_packing():
    before = batch(sample(messages=3, cpu_percent=12.5))
    assert journal.unpack(journal.pack(before)) == before


@pytest.mark.parametrize("data", [b"", b"poison", journal.pack(batch(sample()))[:-9], journal.pack(batch(version=2))])
def test_anything_else_cannot_be_unpacked(data):
    with pytest.raises(ValueError, match="batch"):
        journal.unpack(data)


def test_entries_are_read_after_a_position_oldest_first(redis):
    ids = append(redis, *(batch(seq=seq) for seq in range(1, 6)))
    assert [entry.id for entry in journal.read_after(redis, "0-0")] == ids
    assert [entry.id for entry in journal.read_after(redis, ids[1], count=2)] == ids[2:4]
    assert journal.unpack(journal.read_after(redis, ids[3])[0].data).seq == 5


def test_reading_goes_on_after_the_position_also_when_the_stream_is_empty_or_missing(redis):
    assert journal.resume_from(redis, "5-0") == "5-0"
    last = append(redis, batch())[0]
    redis.xtrim(journal.STREAM, maxlen=0)
    assert journal.resume_from(redis, last) == last


def test_reading_begins_anew_in_a_stream_younger_than_the_position(redis):
    append(redis, batch())
    assert journal.resume_from(redis, "9999999999999-0") == journal.BEGINNING


def test_lag_is_how_long_the_oldest_entry_waits(redis):
    redis.xadd(journal.STREAM, {journal.FIELD: b""}, id=f"{int(journal.now(redis) * 1000) - 4_000}-0")
    last = append(redis, batch())[0]
    assert journal.lag_seconds(redis, "0-0") == pytest.approx(4, abs=0.5)
    assert journal.lag_seconds(redis, last) == 0


def test_of_what_was_set_aside_the_last_hundred_are_kept(redis):
    for number in range(103):
        journal.set_aside(redis, journal.Entry(f"{number}-0", b"poison"))
    assert redis.xrange(journal.SET_ASIDE, count=1)[0][1][b"id"] == b"3-0"
