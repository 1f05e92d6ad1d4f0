import logging
from collections import Counter

import pytest
import redis
from django.db import OperationalError

from monitoring import store_loop
from monitoring.journal.wake_list import wake_key
from monitoring.site import SiteUnknownError, name
from monitoring.store_loop import StoreLoop, Waiting

START = 1_700_000_030.0
"""Ten seconds before a minute begins, which is the 14th of its hour."""


class Worlds:
    """A clock that a loop's waiting moves on, and jobs that fail as told."""

    def __init__(self) -> None:
        self.now = START
        self.runs: list[tuple[str, float]] = []
        self.errors: dict[str, Exception] = {}
        self.takes = 0.0
        self.asked_at: list[float] = []
        jobs = {name: lambda name=name: self.run(name) for name in ("store_snapshots", "roll_up", "prune")}
        self.loop = StoreLoop(jobs, clock=lambda: self.now, wait=self.wait)

    def wait(self, seconds: float) -> bool:
        """As on the list on Redis: until a node asks, if one does meanwhile."""
        assert 0 < seconds <= 60
        asked = next((at for at in self.asked_at if at <= self.now + seconds), None)
        if asked is None:
            self.now += seconds
            return False
        self.asked_at.remove(asked)
        self.now = max(self.now, asked)
        return True

    def run(self, name: str) -> None:
        self.runs.append((name, self.now - START))
        self.now += self.takes
        if error := self.errors.get(name):
            raise error

    def go(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.loop.turn()


@pytest.fixture
def world(monkeypatch) -> Worlds:
    monkeypatch.setattr(store_loop, "close_old_connections", lambda: None)
    return Worlds()


def test_all_jobs_run_at_the_start_and_then_each_at_its_times(world):
    world.go(75)
    assert world.runs == [
        ("store_snapshots", 0), ("roll_up", 0), ("prune", 0),
        ("store_snapshots", 13), ("roll_up", 18), ("store_snapshots", 73),
    ]  # fmt: skip


def test_what_a_node_asks_for_is_stored_at_once_and_the_minutes_go_on(world):
    world.asked_at = [START + 5, START + 20]
    world.go(75)
    assert [at for name, at in world.runs if name == "store_snapshots"] == [0, 5, 13, 20, 73]


def test_old_records_are_deleted_once_an_hour(world):
    world.go(7_200)
    assert Counter(name for name, _ in world.runs) == {"store_snapshots": 121, "roll_up": 121, "prune": 3}


def test_a_job_that_takes_long_is_not_repeated_and_does_not_keep_the_others_from_running(world):
    world.takes = 65
    world.go(900)
    runs = Counter(name for name, _ in world.runs)
    assert runs["store_snapshots"] >= 5
    assert runs["roll_up"] >= 5
    assert runs["prune"] == 2


def test_a_clock_that_is_set_back_or_ahead_is_followed_within_a_minute(world):
    world.go(100)
    for jump in (-18_000, 36_000):
        world.now += jump
        world.runs.clear()
        world.go(130)
        assert [name for name, _ in world.runs].count("store_snapshots") in (2, 3)
        assert ("roll_up" in dict(world.runs)) is True


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (redis.ConnectionError("Error 111 connecting to redis://:secret@host:1"), "Redis cannot be used (Error 111"),
        (OperationalError("connection refused"), "the database cannot be used (connection refused)"),
        (OperationalError("no such table: avatar_monitoring_site"), "manage.py migrate"),
        (SiteUnknownError("Cannot read the site's name: no"), "Cannot read the site's name: no"),
    ],
)
def test_what_is_away_for_hours_makes_one_line_and_its_return_another(world, caplog, error, says):
    world.errors = {"store_snapshots": error}
    with caplog.at_level(logging.WARNING):
        world.go(7_200)
        world.errors = {}
        world.go(120)
    first, last = [record.getMessage() for record in caplog.records]
    assert first.startswith("History is not stored: ")
    assert says in first
    assert "secret" not in first
    assert last.startswith("History is stored again: ")


def test_a_database_that_is_away_for_all_jobs_makes_one_line_and_another_within_two_minutes_of_its_return(
    world, caplog
):
    world.errors = dict.fromkeys(("store_snapshots", "roll_up", "prune"), OperationalError("connection refused"))
    world.go(7_200)
    assert len(caplog.records) == 1
    world.errors = {}
    world.go(120)
    assert len(caplog.records) == 2


def test_a_job_that_fails_once_an_hour_is_tried_again_within_a_minute(world):
    world.errors = {"prune": OperationalError("connection refused")}
    world.go(600)
    assert [name for name, _ in world.runs].count("prune") >= 10


def test_a_fault_in_a_job_has_one_traceback_and_the_others_go_on(world, caplog):
    world.errors = {"roll_up": KeyError("x")}
    world.go(600)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert Counter(name for name, _ in world.runs)["store_snapshots"] == 11


class Pauses:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_node_that_asks_ends_the_wait_and_one_that_asks_again_is_heard_a_second_later(redis, redis_url):
    pauses = Pauses()
    waiting = Waiting(lambda: pauses.now, pauses.sleep)
    key = wake_key(name())
    redis.lpush(key, "1")
    assert waiting.wait(60)
    redis.lpush(key, "1")
    assert waiting.wait(60)
    assert pauses.now == 1.0


def test_while_redis_is_away_the_wait_is_as_long_as_without_it(settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    pauses = Pauses()
    assert not Waiting(lambda: pauses.now, pauses.sleep).wait(60)
    assert pauses.now == 60
