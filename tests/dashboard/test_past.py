import re
import time

import pytest
from django.test import Client

from monitoring.columns import timestamp
from monitoring.core.stats.sample import Gauge
from monitoring.history import seconds
from monitoring.journal import stream
from monitoring.storage.ingest import drain
from monitoring.storage.rows import store_sessions
from tests.monitoring import batches
from tests.monitoring.batches import MINUTE, alert, batch, minute, sample

NOW = int(time.time()) // 60 * 60
"""Of what the journal holds: readers may rely on it for the last two hours."""


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})


def write(redis, *starts: float, seq: int = 1, **options) -> None:
    """A batch of one-second samples, in the journal since its end."""
    values = {"connections": 2, "messages": 6, "cpu_percent": 30, "memory_used_mb": Gauge.of(512.0)}
    samples = [sample(start, **values) for start in starts]
    data = stream.pack(batch(*samples, seq=seq, **options))
    redis.xadd(
        stream.keys().stream,
        {stream.FIELD: data},
        id=f"{int((starts[-1] + 1) * 1000)}-{redis.xlen(stream.keys().stream)}",
    )


def session(name: str, start: float, **values):
    """The record of a session that began then."""
    record = batches.session(name, **values)
    record.client_id, record.connected_at = name, start
    return record


def past(viewer: Client, start: float, end: float) -> dict:
    response = viewer.get("/live/past/", {"from": start, "to": end})
    assert response.status_code == 200, response.content
    return response.json()


def moment(viewer: Client, at: float, **page) -> dict:
    response = viewer.get("/live/past/moment/", {"at": at, **page})
    assert response.status_code == 200, response.content
    return response.json()


def test_seconds_come_from_the_journal(viewer: Client, redis):
    write(redis, NOW - 100)
    write(redis, *range(NOW - 50, NOW - 45), seq=2)
    answer = past(viewer, NOW - 60, NOW - 48)
    assert (answer["tier"], answer["step"]) == ("second", 1)
    assert answer["holds"] == {"from": NOW - 99, "to": NOW - 45}
    assert answer["columns"]["time"] == [NOW - 50, NOW - 49]
    assert answer["columns"]["messages_per_second"] == [6, 6]
    assert answer["columns"]["memory_used_mb"] == [512, 512]


def test_a_range_that_the_journal_holds_in_part_comes_in_minutes(viewer: Client, redis):
    write(redis, NOW - 100)
    assert past(viewer, NOW - 99, NOW)["tier"] == "second"
    assert past(viewer, NOW - 101, NOW)["tier"] == "minute"


def test_a_long_range_comes_in_minutes_too(viewer: Client, redis):
    write(redis, NOW - 7_200)
    minute(NOW - 3_600, connections=5)
    assert past(viewer, NOW - 3_600, NOW)["tier"] == "second"
    answer = past(viewer, NOW - 3_601, NOW)
    assert (answer["tier"], answer["step"]) == ("minute", 60)
    assert (answer["columns"]["time"], answer["columns"]["active_connections"]) == ([NOW - 3_600], [5])


def test_old_minutes_are_shown_and_nothing_is_held(viewer: Client, redis):
    minute(messages=60)
    answer = past(viewer, MINUTE + 10, MINUTE + 50)
    assert (answer["tier"], answer["holds"], answer["columns"]["time"]) == ("minute", None, [MINUTE])


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "from=: must be UTC epoch seconds up to now"),
        ("from=abc&to=5", "from=abc: must be UTC epoch seconds up to now"),
        ("from=nan&to=5", "from=nan: must be UTC epoch seconds up to now"),
        ("from=-1&to=5", "from=-1: must be UTC epoch seconds up to now"),
        ("from=1&to=1e300", "to=1e300: must be UTC epoch seconds up to now"),
        ("from=5&to=5", "to=5: must be after from=5, by at most 86400 s"),
        ("from=0&to=86401", "to=86401: must be after from=0, by at most 86400 s"),
        ("from=1763000000&to=1763086401", "to=1763086401: must be after from=1763000000, by at most 86400 s"),
    ],
)
def test_an_invalid_range_is_named(viewer: Client, query: str, error: str):
    response = viewer.get(f"/live/past/?{query}")
    assert (response.status_code, response.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("at=soon", "at=soon: must be UTC epoch seconds up to now"),
        ("at=5&limit=many", "limit=many: must be a whole number"),
        ("at=5&limit=0", "limit=0: must be 1 to 100"),
        ("at=5&sort=height", "sort=height: must be one of client_id, "),
    ],
)
def test_an_invalid_moment_is_named(viewer: Client, query: str, error: str):
    response = viewer.get(f"/live/past/moment/?{query}")
    assert response.status_code == 400
    assert response.json()["error"].startswith(error)


def test_without_redis_recent_data_is_not_guessed_and_old_data_is_shown(viewer: Client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    minute(connections=5)
    for path, query in (("/live/past/", {"from": NOW - 60, "to": NOW}), ("/live/past/moment/", {"at": NOW - 60})):
        response = viewer.get(path, query)
        assert response.status_code == 503
        assert response.json()["error"] == "Cannot read the journal because Redis does not answer"
    assert past(viewer, MINUTE, MINUTE + 60)["columns"]["active_connections"] == [5]
    assert moment(viewer, MINUTE + 30)["nodes"][0]["active_connections"] == 5


def test_without_redis_the_reason_is_told_in_the_readers_language(viewer: Client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    for path in ("/live/past/moment/", "/clients/ann/past/"):
        told = viewer.get(path, {"at": NOW - 60}, headers={"accept-language": "ko"}).json()["error"]
        assert re.search("[가-힣]", told)
        assert "nobody.sock" not in told


def test_a_moment_has_nodes_alerts_and_clients(viewer: Client, redis):
    write(redis, NOW - 200)
    there = session("ann", NOW - 90, disconnected_at=NOW - 30.0, messages=7, close_code=1000, ended="closed")
    write(redis, *range(NOW - 50, NOW - 45), seq=2, sessions=[there], alerts=[alert("firing", NOW - 55.0)])
    write(redis, *range(NOW - 50, NOW - 45), node="web:2", boot="boot2")
    shown = moment(viewer, NOW - 48.5)
    assert shown["nodes"] == [
        {"node": node, "host": "web", "active_connections": 2, "messages_per_second": 6, "cpu_percent": 30}
        for node in ("web:1", "web:2")
    ]
    assert [one["metric"] for one in shown["alerts"]] == ["cpu_percent"]
    assert (shown["at"], shown["clients_total"], shown["clients_matched"]) == (NOW - 48.5, 1, 1)
    (client,) = shown["clients"]
    assert (client["client_id"], client["node"], client["connection_duration"]) == ("ann", "web:1", 41.5)
    assert (client["disconnected_at"], client["message_count"], client["ended"]) == (NOW - 30, 7, "closed")


def test_the_answer_is_the_same_once_it_is_stored(viewer: Client, redis):
    write(redis, NOW - 200, sessions=[session("ann", NOW - 300)], alerts=[alert("firing", NOW - 250.0)])
    waiting = moment(viewer, NOW - 100)
    drain(redis)
    assert moment(viewer, NOW - 100) == waiting
    assert (len(waiting["clients"]), len(waiting["alerts"])) == (1, 1)


def test_the_totals_of_a_session_are_unknown_before_its_end(viewer: Client, redis):
    store_sessions([batch(sessions=[session("ann", MINUTE)])])
    (client,) = moment(viewer, MINUTE + 1)["clients"]
    unknown = ("disconnected_at", "message_count", "bytes_sent", "bytes_received", "average_latency_ms", "fps")
    assert [client[name] for name in unknown] == [None] * 6
    assert client["connected_at"] == timestamp(MINUTE).timestamp()


def test_clients_are_searched_and_paged(viewer: Client, redis):
    store_sessions([batch(sessions=[session(f"avatar-{number}", MINUTE) for number in range(3)])])
    shown = moment(viewer, MINUTE + 1, search="avatar", sort="-client_id", offset=1, limit=1)
    assert ([one["client_id"] for one in shown["clients"]], shown["clients_matched"]) == (["avatar-1"], 3)
    assert moment(viewer, MINUTE + 1, search="nobody")["clients_matched"] == 0
