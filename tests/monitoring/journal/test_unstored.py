import zlib

import msgspec
import pytest

from monitoring.journal import stream, unstored
from monitoring.journal.stream import FORMER
from monitoring.models import JournalCursor
from monitoring.storage.ingest import drain
from tests.monitoring.batches import MINUTE, NESTED, alert, append, batch, sample, session

pytestmark = pytest.mark.django_db


def test_it_returns_what_follows_the_stored_part(redis):
    append(redis, batch(sample(), sessions=[session("s1")]))
    drain(redis)
    append(redis, batch(sample(MINUTE + 5), seq=2, sessions=[session("s2")], alerts=[alert("firing")]))
    (waiting,) = unstored.unstored().batches
    assert ([record.session_id for record in waiting.sessions], len(waiting.alerts)) == (["s2"], 1)
    assert unstored.unstored().complete


def test_samples_and_unreadable_entries_are_left_out(redis):
    append(redis, batch(sample()), batch(seq=2, version=9, sessions=[session()]))
    redis.xadd(stream.keys().stream, {stream.FIELD: b"poison"})
    assert unstored.unstored().batches == []


def test_with_entries_of_another_release_it_is_incomplete(redis):
    append(redis, batch(sample(), sessions=[session()]), batch(seq=2, version=9, sessions=[session()]))
    found = unstored.unstored()
    assert (len(found.batches), found.complete) == (1, False)


def test_with_entries_of_other_types_it_is_incomplete(redis):
    told = {"node": "web:1", "boot": "b", "host": "h", "seq": 1, "sessions": {"s1": "open"}, "version": 9}
    redis.xadd(stream.keys().stream, {stream.FIELD: zlib.compress(msgspec.msgpack.encode(told))})
    assert unstored.unstored() == unstored.Unstored(complete=False)


@pytest.mark.parametrize("added", [{}, {"added": "later"}])
def test_a_batch_of_the_previous_shape_and_one_with_a_field_more_are_read(redis, added):
    told = {"node": "web:1", "boot": "b", "host": "h", "seq": 1, "sessions": [session()], **added}
    redis.xadd(stream.keys().stream, {stream.FIELD: zlib.compress(msgspec.msgpack.encode(told))})
    found = unstored.unstored()
    assert ([one.sessions for one in found.batches], found.complete) == ([[session()]], True)


def test_deeply_nested_entries_are_left_out(redis):
    redis.xadd(stream.keys().stream, {stream.FIELD: zlib.compress(NESTED)})
    assert unstored.unstored() == unstored.Unstored()


def test_if_storing_is_far_behind_it_says_that_there_is_more(redis, monkeypatch):
    monkeypatch.setattr(unstored, "MOST_ENTRIES", 2)
    append(redis, *(batch(seq=seq, sessions=[session(str(seq))]) for seq in (1, 2, 3)))
    found = unstored.unstored()
    assert (len(found.batches), found.complete) == (2, False)


def test_a_long_former_journal_leaves_no_room_for_more(redis, monkeypatch):
    monkeypatch.setattr(unstored, "MOST_ENTRIES", 1)
    JournalCursor.objects.create(stream=FORMER.stream)
    redis.xadd(FORMER.stream, {stream.FIELD: stream.pack(batch(sessions=[session("old")]))})
    append(redis, batch(seq=2, sessions=[session("new")]))
    found = unstored.unstored()
    assert ([one.seq for one in found.batches], found.complete) == ([1], False)


def test_without_redis_it_is_empty_and_incomplete(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    assert unstored.unstored() == unstored.Unstored(complete=False)


def test_a_project_without_redis_has_nothing_that_waits(settings):
    del settings.REDIS_URL
    assert unstored.unstored().complete
