"""What an upgrade finds in the stream that all sites of a Redis shared before each had a name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.columns import timestamp
from monitoring.fleet import totals
from monitoring.history import seconds
from monitoring.journal import stream
from monitoring.journal.stream import FORMER
from monitoring.journal.unstored import unstored
from monitoring.models import JournalCursor, Minute, Node
from monitoring.storage import ingest as module
from monitoring.storage.ingest import drain
from tests.monitoring.batches import MINUTE, append, batch, sample, session

pytestmark = pytest.mark.django_db


def measured(seq: int, boot: str = "boot1", **more):
    return batch(sample(MINUTE + seq, messages=1, connections=1), seq=seq, boot=boot, **more)


def append_to_former(redis, *batches) -> list[str]:
    return [redis.xadd(FORMER.stream, {stream.FIELD: stream.pack(one)}).decode() for one in batches]


@pytest.fixture
def upgraded(redis) -> JournalCursor:
    """The cursor of a database into which an older release stored two batches; another waits there, one in its own."""
    _, second, _ = append_to_former(redis, measured(1), measured(2), measured(3))
    cursor = JournalCursor.objects.create(stream=FORMER.stream, position=second, stored=2)
    redis.set(FORMER.stored, second)
    Node.objects.create(
        node="web:1", boot="boot1", host="web", last_seq=2, first_seen=timezone.now(), last_seen=timezone.now()
    )
    append(redis, measured(1, "boot2"))
    return cursor


def messages() -> int:
    return sum(Minute.objects.of_each_node().values_list("messages", flat=True))


def test_what_was_not_stored_is_stored_once(redis, upgraded):
    assert str(drain(redis)) == "stored 2 batches into 2 minutes"
    assert messages() == 2
    assert str(drain(redis)) == "stored 0 batches into 0 minutes"
    assert messages() == 2


def test_what_an_older_node_goes_on_to_append_is_stored_too(redis, upgraded):
    drain(redis)
    append_to_former(redis, measured(4))
    drain(redis)
    assert Node.objects.get(boot="boot1").last_seq == 4
    assert messages() == 3


def test_a_new_site_leaves_the_journal_of_others_alone(redis):
    append_to_former(redis, measured(1))
    assert str(drain(redis)) == "stored 0 batches into 0 minutes"
    assert redis.xlen(FORMER.stream) == 1


def test_batches_that_an_older_node_left_on_disk_follow_those_that_it_appended(redis, upgraded):
    append(redis, measured(4))
    drain(redis)
    node = Node.objects.get(boot="boot1")
    assert (node.last_seq, node.missed) == (4, 0)


def test_also_when_both_come_while_it_is_stored(redis, upgraded, monkeypatch):
    store_journal = module._store_journal

    def and_more_comes(client, keys, *arguments, **options):
        store_journal(client, keys, *arguments, **options)
        if keys == FORMER:
            append_to_former(redis, measured(4))
            append(redis, measured(5))

    with monkeypatch.context() as patch:
        patch.setattr(module, "_store_journal", and_more_comes)
        drain(redis)
    drain(redis)
    node = Node.objects.get(boot="boot1")
    assert (node.last_seq, node.missed) == (5, 0)


def test_two_workers_at_once_store_it_once(redis, upgraded, monkeypatch):
    read_after = stream.read_after

    def and_be_overtaken(*arguments):
        entries = read_after(*arguments)
        with monkeypatch.context() as inner:
            inner.setattr(stream, "read_after", read_after)
            drain(redis)
        return entries

    with monkeypatch.context() as patch:
        patch.setattr(stream, "read_after", and_be_overtaken)
        drain(redis)
    assert messages() == 2


def test_it_is_removed_when_nothing_was_appended_for_a_day(redis, upgraded, monkeypatch):
    redis.hset(totals.FORMER_KEY, "web:1", b"old")
    drain(redis)
    assert redis.exists(FORMER.stream)
    monkeypatch.setattr(stream, "RETIRED_SECONDS", 0.0)
    drain(redis)
    assert not redis.exists(*FORMER, totals.FORMER_KEY)
    assert str(drain(redis)) == "stored 0 batches into 0 minutes"


def test_until_it_is_stored_the_pages_know_of_it(redis, upgraded):
    append_to_former(redis, measured(4, sessions=[session()]))
    waiting = unstored()
    assert ([one.seq for one in waiting.batches], waiting.complete) == ([4], True)


def test_not_ready_while_it_is_not_stored(redis, client, upgraded):
    since = int((stream.now(redis) - 400) * 1000)
    redis.delete(FORMER.stream)
    upgraded.position = "0-0"
    upgraded.save()
    redis.xadd(FORMER.stream, {stream.FIELD: stream.pack(measured(3))}, id=f"{since}-0")
    assert client.get("/readyz").json()["failed"] == ["journal"]


def test_its_seconds_are_shown_with_those_of_the_sites_own(redis, upgraded, monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})
    drain(redis)
    append(redis, measured(3))  # repeated, because its answer was lost
    start = timestamp(MINUTE)
    found = seconds.by_node(start, start + timedelta(minutes=1))
    assert [(one.epoch - MINUTE, one.fleet.messages) for one in found] == [(1, 2), (2, 1), (3, 1)]
    assert seconds.span() is not None
