import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from monitoring.columns import timestamp
from monitoring.core import records
from monitoring.journal import stream
from monitoring.models import Alert, ClientSession, JournalCursor, Minute, Node
from monitoring.storage import ingest as module
from monitoring.storage import rows as storing
from monitoring.storage.ingest import drain
from monitoring.storage.turns import GAP_SECONDS
from tests.monitoring.batches import MINUTE, alert, append, batch, sample, session
from tests.site import running_site

pytestmark = pytest.mark.django_db


def rows() -> list:
    return [*Minute.objects.of_each_node().in_order().values_list("node", "minute", "messages", "coverage")]


def a_minute_of_batches(boot: str = "boot1") -> list:
    return [
        batch(
            *(sample(MINUTE + second, messages=1) for second in range(start, start + 5)), seq=start // 5 + 1, boot=boot
        )
        for start in range(0, 60, 5)
    ]


def test_it_stores_waiting_batches_and_says_so(redis):
    append(redis, *a_minute_of_batches())
    assert str(drain(redis)) == "stored 12 batches into 1 minute"
    assert [row[2:] for row in rows()] == [(60, 60.0)]


def test_a_second_run_changes_nothing(redis):
    append(redis, *a_minute_of_batches())
    drain(redis)
    before = rows()
    assert str(drain(redis)) == "stored 0 batches into 0 minutes"
    assert rows() == before


def test_chunks_are_merged(redis, monkeypatch):
    monkeypatch.setattr("monitoring.storage.ingest.CHUNK", 5)
    append(redis, *a_minute_of_batches())
    drain(redis)
    assert [row[2:] for row in rows()] == [(60, 60.0)]


def test_a_long_run_lets_others_write_between_its_transactions(redis, monkeypatch):
    monkeypatch.setattr("monitoring.storage.ingest.CHUNK", 5)
    gaps = []
    monkeypatch.setattr("monitoring.storage.turns.time.sleep", gaps.append)
    append(redis, *a_minute_of_batches())
    drain(redis)
    assert gaps == ([GAP_SECONDS] * 2 if connection.vendor == "sqlite" else [])


def test_a_crash_after_the_rows_leaves_neither_rows_nor_cursor(redis, monkeypatch):
    append(redis, *a_minute_of_batches())
    store_minutes = storing.store_minutes

    def store_and_crash(batches):
        store_minutes(batches)
        raise OperationalError("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(storing, "store_minutes", store_and_crash)
        with pytest.raises(OperationalError):
            drain(redis)
    assert (rows(), JournalCursor.objects.get().position) == ([], "0-0")
    drain(redis)
    assert [row[2:] for row in rows()] == [(60, 60.0)]


def test_an_unreadable_entry_is_set_aside_and_the_others_are_stored(redis):
    redis.xadd(stream.keys().stream, {stream.FIELD: b"\xc1 poison"})
    append(redis, *a_minute_of_batches())
    drained = drain(redis)
    assert (drained.batches, drained.set_aside) == (12, 1)
    assert JournalCursor.objects.get().set_aside == 1
    assert redis.xrange(stream.keys().set_aside)[0][1][b"batch"] == b"\xc1 poison"
    assert drain(redis).set_aside == 0


def test_an_entry_that_fits_no_column_is_set_aside(redis):
    unfit = [sample(cpu_percent=250.0), sample(1e18), sample(float("nan")), sample(messages=2**63)]
    append(redis, *(batch(one, boot=f"bad{index}") for index, one in enumerate(unfit)), batch(sample(messages=7)))
    assert drain(redis).set_aside == 4
    assert [row[2] for row in rows()] == [7]


def test_an_entry_that_would_fill_the_memory_is_set_aside(redis):
    redis.xadd(stream.keys().stream, {stream.FIELD: zlib.compress(bytes(2 * stream.MAX_BATCH_BYTES))})
    append(redis, *a_minute_of_batches())
    drained = drain(redis)
    assert (drained.batches, drained.set_aside) == (12, 1)


def test_batches_of_a_newer_release_wait_for_one_that_can_read_them(redis, monkeypatch):
    newer = [batch(sample(MINUTE + seq, messages=1), seq=seq, boot="newer", version=2) for seq in range(1, 6)]
    append(redis, newer[0], *a_minute_of_batches(), *newer[1:3])
    drained = drain(redis)
    assert (drained.batches, drained.put_off, drained.set_aside) == (12, 3, 0)
    append(redis, newer[3])
    assert str(drain(redis)) == "stored 0 batches into 0 minutes, left 1 batch to another release"
    assert [row[2:] for row in rows()] == [(60, 60.0)]
    monkeypatch.setattr(records, "VERSION", 2)
    append(redis, newer[4])
    drained = drain(redis)
    assert (drained.batches, drained.put_off) == (5, 0)
    assert sum(row[2] for row in rows()) == 65
    node = Node.objects.get(boot="newer")
    assert (node.last_seq, node.missed) == (5, 0)
    assert not redis.exists(stream.keys().set_aside)
    assert str(drain(redis)) == "stored 0 batches into 0 minutes"


def test_an_entry_that_was_put_off_twice_is_stored_once(redis, monkeypatch):
    append(redis, batch(sample(messages=5), version=2))
    (entry,) = stream.read_after(redis, "0-0")
    stream.put_off(redis, entry, stream.keys())
    drain(redis)
    assert redis.xlen(stream.keys().put_off.stream) == 2
    monkeypatch.setattr(records, "VERSION", 2)
    drain(redis)
    assert [row[2] for row in rows()] == [5]


def test_an_entry_that_was_put_off_keeps_the_time_of_its_append(redis):
    (appended,) = append(redis, batch(sample(), version=2))
    drain(redis)
    (first, *_) = stream.read_after(redis, "0-0", of=stream.keys().put_off)
    assert first.appended_at == stream.written_at(appended)


def test_a_simultaneous_run_of_another_release_loses_nothing(redis, monkeypatch):
    """It has put a batch off and moved the cursor after this run had read both."""
    append(redis, batch(sample(messages=5), version=2))
    monkeypatch.setattr(module, "_store_put_off", lambda *_: drain_elsewhere())
    append(redis, batch(sample(MINUTE + 1, messages=6), seq=2, version=2))

    def drain_elsewhere():
        monkeypatch.undo()
        drain(redis)
        monkeypatch.setattr(records, "VERSION", 2)

    assert str(drain(redis)) == "stored 0 batches into 0 minutes"
    drain(redis)
    assert sum(row[2] for row in rows()) == 11


def test_stored_entries_leave_the_journal_once_seconds_are_no_longer_kept(redis, settings):
    append(redis, *(batch(sample(MINUTE + seq), seq=seq) for seq in range(1, 300)))
    drain(redis)
    assert redis.xlen(stream.keys().stream) == 299
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_SECONDS": "0s"}
    append(redis, batch(sample(MINUTE + 300), seq=300))
    drain(redis)
    assert redis.xlen(stream.keys().stream) < 150


def test_nodes_are_told_up_to_where_the_journal_is_stored(redis):
    last = append(redis, *a_minute_of_batches())[-1]
    drain(redis)
    assert redis.get(stream.keys().stored).decode() == last == JournalCursor.objects.get().position


def test_a_journal_that_started_over_is_read_from_its_beginning(redis):
    append(redis, batch(sample(messages=1)))
    drain(redis)
    redis.delete(stream.keys().stream)
    redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(batch(sample(messages=1), seq=2))}, id="5-1")
    drain(redis)
    assert [row[2] for row in rows()] == [2]


def test_an_emptied_redis_whose_clock_is_behind_is_read_from_its_beginning(redis):
    (stored,) = append(redis, batch(sample(messages=1)))
    drain(redis)
    redis.flushall()
    before = int(stored.partition("-")[0])
    for seq, milliseconds in enumerate((-60_000, -30_000, 1_000), 2):
        packed = stream.pack(batch(sample(messages=1), seq=seq))
        redis.xadd(stream.keys().stream, {stream.FIELD: packed}, id=f"{before + milliseconds}-0")
    drain(redis)
    assert [row[2] for row in rows()] == [4]


def test_a_poisoned_entry_in_a_full_redis_blocks_nothing(redis):
    append(redis, batch(sample(MINUTE), seq=1))
    redis.xadd(stream.keys().stream, {stream.FIELD: b"junk"})
    append(redis, *(batch(sample(MINUTE + seq), seq=seq) for seq in range(2, 50)))
    redis.config_set("maxmemory", 1_000_000)
    drained = drain(redis)
    redis.config_set("maxmemory", 0)
    assert (drained.batches, drained.set_aside) == (49, 1)


def test_only_few_sessions_are_in_memory_at_a_time(redis, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_BYTES", 5_000)
    ends = [[session(f"s{seq}-{number}") for number in range(100)] for seq in range(1, 31)]
    append(redis, *(batch(sample(MINUTE + seq), seq=seq, sessions=some) for seq, some in enumerate(ends, 1)))
    sizes = []
    commit = module._commit
    monkeypatch.setattr(
        module, "_commit", lambda cursor, entries, *rest: (sizes.append(len(entries)), commit(cursor, entries, *rest))
    )
    assert drain(redis).batches == sum(sizes) == 30
    assert max(sizes) < 10
    assert ClientSession.objects.count() == 3_000


def test_a_second_simultaneous_run_stores_nothing(redis):
    append(redis, *a_minute_of_batches())
    cursor = JournalCursor.objects.create(stream=stream.keys().stream)
    assert JournalCursor.objects.advance(cursor, "1-1", stored=0, set_aside=0)
    assert not JournalCursor.objects.advance(cursor, "1-1", stored=0, set_aside=0)


def test_silent_nodes_are_closed_while_the_journal_is_drained_each_minute(redis):
    append(redis, batch(sample(), sessions=[session()], alerts=[alert("firing")]))
    drain(redis)
    Node.objects.update(last_seen=timestamp(MINUTE + 5))
    assert str(drain(redis)).endswith("closed the sessions and alerts of 1 silent node")
    assert ClientSession.objects.get().ended == "node gone"


def test_infrequent_runs_still_close_silent_nodes(redis):
    append(redis, batch(sample(), sessions=[session()]))
    drain(redis)
    Node.objects.update(last_seen=timestamp(MINUTE))
    cursor = JournalCursor.objects.get()
    JournalCursor.objects.update(drained_at=cursor.drained_at - timedelta(seconds=150))
    assert drain(redis).gone == 1


def test_the_first_run_after_an_outage_declares_no_node_silent(redis):
    append(redis, batch(sample()))
    drain(redis)
    Node.objects.update(last_seen=timestamp(MINUTE))
    cursor = JournalCursor.objects.get()
    JournalCursor.objects.update(drained_at=cursor.drained_at - timedelta(minutes=6))
    assert [drain(redis).gone, drain(redis).gone] == [0, 1]


def append_at(redis, seconds: float, *batches) -> None:
    """As if the journal had received them this many seconds after MINUTE."""
    for number, one in enumerate(batches):
        redis.xadd(
            stream.keys().stream, {stream.FIELD: stream.pack(one)}, id=f"{(MINUTE + seconds) * 1_000:.0f}-{number}"
        )


def a_killed_node_beside_one_that_goes_on() -> list:
    """Both fire; one is killed after 20 s, the other reports the alert from 0 to 30 s, and from 90 to 300 s."""
    told = {0: [alert("firing", MINUTE)], 30: [alert("resolved", MINUTE + 30.0)]}
    told |= {90: [alert("firing", MINUTE + 90.0)], 300: [alert("resolved", MINUTE + 300.0)]}
    stays = [
        (second, batch(sample(MINUTE + second), seq=second // 5 + 1, boot="stays", alerts=told.get(second, [])))
        for second in range(0, 305, 5)
    ]
    killed = [
        (
            second,
            batch(sample(MINUTE + second), seq=second // 5 + 1, boot="killed", alerts=told[0] if not second else []),
        )
        for second in range(0, 20, 5)
    ]
    return sorted(stays + killed, key=lambda one: one[0])


def test_a_killed_nodes_alert_is_the_same_stored_each_minute_or_late_and_at_once(redis):
    rows = Alert.objects.order_by("started_at")
    expected = [(MINUTE, MINUTE + 30, ""), (MINUTE + 90, MINUTE + 300, "")]

    def episodes() -> list:
        return [(row.started_at.timestamp(), row.ended_at and row.ended_at.timestamp(), row.ended) for row in rows]

    for second, one in a_killed_node_beside_one_that_goes_on():
        append_at(redis, second if one.boot == "stays" else second + 0.5, one)
        if second % 60 == 0:
            drain(redis)
    drain(redis)
    assert episodes() == expected
    redis.flushall()
    for model in (Alert, Minute, Node, JournalCursor):
        model.objects.all().delete()
    for second, one in a_killed_node_beside_one_that_goes_on():
        append_at(redis, second if one.boot == "stays" else second + 0.5, one)
    assert drain(redis).gone == 1
    assert episodes() == expected


def test_simultaneous_runs_store_everything_once(tmp_path: Path, redis, redis_url, own_database):
    boots = [f"boot{number}" for number in range(100)]
    append(redis, *(one for boot in boots for one in a_minute_of_batches(boot)))
    with running_site(tmp_path, REDIS_URL=redis_url, AVATAR_SITE="test", **own_database) as site:
        site.migrate()
        code = "from monitoring.tasks import store_snapshots; store_snapshots()"
        runs = [site.spawn("manage.py", "shell", "--no-imports", "-v", "0", "-c", code) for _ in range(3)]
        assert [run.wait(60) for run in runs] == [0, 0, 0], site.logs()
        count = "from monitoring.models import *; from django.db.models import Sum; "
        each = count + "each = Minute.objects.of_each_node(); "
        totals = site.shell(each + "print(each.count(), each.aggregate(n=Sum('messages'))['n'])")
        assert totals == "100 6000"
        assert site.shell(count + "print(JournalCursor.objects.get().stored)") == "1200"


@pytest.fixture
def said_once() -> None:
    module._say_that_another_stores.cache_clear()


def test_a_copy_of_the_database_that_stores_the_same_journal_is_named_once(redis, said_once, caplog):
    drain(redis)
    before = JournalCursor.objects.get().position
    append(redis, *a_minute_of_batches())
    drain(redis)
    JournalCursor.objects.update(position=before)  # what a copy that was made before knows
    drain(redis)
    drain(redis)
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("The journal avatar:test:journal is stored by another database too")


def test_the_only_database_is_not_taken_for_two(redis, said_once, caplog):
    """Neither after an interrupted run, nor with a Redis that was emptied."""
    append(redis, *a_minute_of_batches())
    drain(redis)
    redis.set(stream.keys().stored, records.BEGINNING)
    append(redis, batch(sample(MINUTE + 60, messages=1), seq=13))
    drain(redis)
    redis.flushall()
    append(redis, batch(sample(MINUTE + 120, messages=1), seq=14))
    drain(redis)
    drain(redis)
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
