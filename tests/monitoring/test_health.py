from threading import Event
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from monitoring import database_answer, health, runtime
from monitoring.journal import stream
from monitoring.journal.spill import Spill
from monitoring.journal.writer import JournalWriter
from monitoring.models.progress import JournalCursorQuerySet
from monitoring.site import SiteUnknownError
from tests.monitoring.batches import append, batch

pytestmark = pytest.mark.django_db


def ready(client) -> tuple[int, dict]:
    response = client.get("/readyz")
    return response.status_code, response.json()


def test_a_process_that_answers_is_healthy(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-cache" in response["Cache-Control"]


def test_it_is_ready_if_all_parts_are_well(client, redis_url):
    assert ready(client) == (200, {"status": "ok", "failed": [], "journal_lag_seconds": 0.0, "spilled": 0})


def test_without_redis_it_says_so_without_details(client, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    status, said = ready(client)
    assert (status, said) == (503, {"status": "failed", "failed": ["redis"], "journal_lag_seconds": None, "spilled": 0})


def test_without_the_database_it_says_so_without_details(client, redis_url, monkeypatch):
    def unreachable(self, streams):
        raise OperationalError("password of user avatar is wrong")

    monkeypatch.setattr(JournalCursorQuerySet, "positions", unreachable)
    assert ready(client) == (
        503,
        {"status": "failed", "failed": ["database"], "journal_lag_seconds": None, "spilled": 0},
    )


@pytest.mark.parametrize("url", [None, "", " "])
def test_a_project_without_redis_has_no_history_that_could_fail(client, settings, url):
    settings.REDIS_URL = url
    assert ready(client) == (200, {"status": "ok", "failed": [], "journal_lag_seconds": None, "spilled": 0})


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("no such table: avatar_monitoring_journalcursor"),
        InterfaceError("connection already closed"),
        ImproperlyConfigured("settings.DATABASES is improperly configured"),
    ],
    ids=["not migrated", "closed", "not configured"],
)
def test_a_database_that_cannot_be_used_is_never_an_error_of_the_server(client, redis_url, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(health, "stored_here", fail)
    assert (ready(client)[0], ready(client)[1]["failed"]) == (503, ["database"])


def test_without_redis_the_database_still_has_to_answer(client, settings, monkeypatch):
    def fail():
        raise OperationalError("unable to open database file")

    settings.REDIS_URL = None
    monkeypatch.setattr(health, "connection", SimpleNamespace(vendor="sqlite", ensure_connection=fail))
    assert (ready(client)[0], ready(client)[1]["failed"]) == (503, ["database"])


def test_a_hanging_database_is_named_in_time_and_blocks_at_most_one_thread(client, redis_url, monkeypatch):
    answers, asked = Event(), []

    def hangs() -> None:
        asked.append(1)
        answers.wait(30)

    monkeypatch.setattr(database_answer, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(database_answer, "_ask", hangs)
    monkeypatch.setattr(database_answer, "ANSWER_SECONDS", 0.05)
    try:
        said = [ready(client) for _ in range(3)]
    finally:
        answers.set()
        database_answer._asking.pop("thread").join()
    assert [(status, answer["failed"]) for status, answer in said] == [(503, ["database"])] * 3
    assert asked == [1]
    assert ready(client)[0] == 200


def test_a_database_that_has_not_told_the_sites_name_is_not_blamed_on_redis(client, redis_url, monkeypatch):
    def unreachable(*_):
        raise SiteUnknownError("The database does not tell the site's name: connection refused")

    monkeypatch.setattr(health, "name", unreachable)
    monkeypatch.setattr(health, "stored_here", unreachable)
    assert ready(client)[1]["failed"] == ["database"]


def test_a_journal_that_nobody_stores_is_not_ready(client, redis):
    waiting_since = int((stream.now(redis) - health.MAX_LAG_SECONDS - 9) * 1000)
    redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(batch())}, id=f"{waiting_since}-0")
    status, said = ready(client)
    assert (status, said["failed"]) == (503, ["journal"])
    assert said["journal_lag_seconds"] == pytest.approx(309, abs=1)


def test_it_says_how_much_waits_on_this_processs_disk(client, redis_url, tmp_path, monkeypatch):
    spill = Spill(tmp_path, "web:1", "boot1")
    spill.append([b"1", b"2"])
    writer = JournalWriter(redis_url, "web:1", "boot1", "web", spill=spill)
    monkeypatch.setattr(runtime, "current", lambda: runtime.Runtime(hub=None, monitor=None, journal=writer))
    assert ready(client)[1]["spilled"] == 2


def test_a_replica_that_accepts_no_history_is_not_ready(client, redis):
    redis.replicaof("127.0.0.1", 9)
    try:
        assert ready(client)[1]["failed"] == ["redis"]
    finally:
        redis.replicaof("NO", "ONE")
    assert ready(client)[0] == 200


def test_a_redis_that_deletes_history_is_not_ready(client, redis):
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert ready(client)[1]["failed"] == ["redis"]
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    assert ready(client)[0] == 200


def test_a_journal_that_is_slightly_behind_is_ready(client, redis):
    append(redis, batch())
    assert ready(client)[0] == 200
