import pytest

from monitoring.columns import timestamp
from tests.monitoring.alerting.firing import firing
from tests.monitoring.batches import append, batch, sample
from tests.monitoring.client_in_journal import NOW, journal, new_process, session_of_client

__all__ = ["journal", "new_process"]


def asked(viewer, client_id: str = "ada", **query):
    return viewer.get(f"/clients/{client_id}/past/", query)


def test_it_returns_the_clients_steps_and_sessions_as_far_back_as_the_journal_goes(viewer, journal):
    found = asked(viewer).json()
    assert found["columns"]["time"] == [NOW, NOW + 10]
    assert found["columns"]["messages_received_per_second"] == [2, 4]
    assert found["sessions"] == [{"connected_at": NOW - 5, "disconnected_at": None, "node": "web:1", "ended": ""}]
    assert (found["holds_from"], found["complete"], found["step"]) == (NOW + 11, True, 0)


def test_a_shorter_range_can_be_asked_for(viewer, journal):
    assert asked(viewer, **{"from": NOW + 5}).json()["columns"]["time"] == [NOW + 10]


def test_a_client_that_has_left_says_why(viewer, journal, redis):
    left = session_of_client(disconnected_at=NOW + 12.0, cause="client_lost", messages=60)
    append(redis, batch(sample(NOW + 12), boot="boot1", seq=2, sessions=[left]), at=NOW + 13)
    found = asked(viewer).json()
    assert found["sessions"][0]["ended"] == "Client lost"
    assert found["columns"]["time"] == [NOW, NOW + 10, NOW + 12]


def test_the_clients_alerts_come_with_it(viewer, journal):
    for number, name in enumerate(("ada", "bob"), 1):
        firing(name, pk=number, client_id=name, metric="latency_ms", started_at=timestamp(NOW + 3))
    [alert] = asked(viewer).json()["alerts"]
    assert (alert["start"], alert["metric"], alert["url"]) == (NOW + 3, "latency_ms", "/alerts/1/")


@pytest.mark.parametrize("text", ["never", "-1", "1e99", "nan"])
def test_a_time_that_is_none_is_refused_and_named(viewer, redis, text):
    response = asked(viewer, **{"from": text})
    assert response.status_code == 400
    assert response.json()["error"] == f"from={text}: must be UTC epoch seconds up to now"


def test_an_empty_journal_has_nothing(viewer, redis):
    found = asked(viewer).json()
    assert (found["columns"]["time"], found["holds_from"]) == ([], None)


def test_without_redis_it_says_so(viewer, settings):
    settings.REDIS_URL = ""
    response = asked(viewer)
    assert (response.status_code, response.json()["error"]) == (
        503,
        "The setting REDIS_URL is missing: there is no journal",
    )


def test_others_than_viewers_get_nothing(client, db):
    assert asked(client).status_code == 401
