import sqlite3
import time
from contextlib import closing
from threading import Event, Thread
from types import SimpleNamespace

from monitoring.storage import turns
from monitoring.storage.turns import in_turns

PARTS = 40
"""Two seconds and more of transactions."""


def connect(file):
    return closing(sqlite3.connect(file, isolation_level=None, timeout=20))


def work(file, began: Event, done: list[int]) -> None:
    """A job whose transactions follow each other at once."""
    with connect(file) as database:
        for part in in_turns(range(PARTS)):
            database.execute("BEGIN IMMEDIATE")
            began.set()
            time.sleep(0.05)
            database.execute("COMMIT")
            done.append(part)


def test_another_writer_gets_its_turn_during_a_long_job(tmp_path):
    began, done = Event(), []
    job = Thread(target=work, args=(tmp_path / "database", began, done))
    job.start()
    began.wait()
    with connect(tmp_path / "database") as other:
        other.execute("BEGIN IMMEDIATE")
        parts_before = len(done)
        other.execute("COMMIT")
    job.join()
    assert parts_before < PARTS / 2
    assert done == list(range(PARTS))


def test_a_database_that_queues_writers_is_not_waited_for(monkeypatch):
    def fail(seconds):
        raise AssertionError(seconds)

    monkeypatch.setattr(turns, "connections", {"default": SimpleNamespace(vendor="postgresql")})
    monkeypatch.setattr(turns.time, "sleep", fail)
    assert list(in_turns("abc")) == ["a", "b", "c"]


def test_one_part_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(turns, "GAP_SECONDS", float("nan"))
    assert list(in_turns("a")) == ["a"]
