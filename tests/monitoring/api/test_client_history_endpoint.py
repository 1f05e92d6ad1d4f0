import pytest

from monitoring.storage.rows import store_sessions
from tests.monitoring.batches import batch
from tests.monitoring.client_in_journal import journal, new_process, session_of_client

__all__ = ["journal", "new_process"]
pytestmark = pytest.mark.django_db


def test_the_api_has_the_same(client, bearer, journal):
    found = client.get("/api/clients/ada/history", {"from": "-90m"}, headers=bearer).json()
    assert found["messages_received_per_second"] == [2, 4]
    assert [one["node"] for one in found["sessions"]] == ["web:1"]
    assert (found["session"], found["seconds"], found["verdict"]) == ([0, 0], [5, 10], [None, None])


def test_the_api_says_that_the_journal_is_away(client, bearer, settings, db):
    store_sessions([batch(boot="boot1", sessions=[session_of_client()])])
    settings.REDIS_URL = ""
    response = client.get("/api/clients/ada/history", {"from": "-5m"}, headers=bearer)
    assert (response.status_code, response.json()["error"]) == (503, "journal_away")


def test_the_api_refuses_an_id_that_no_client_can_have(client, bearer, db):
    response = client.get(f"/api/clients/{'a' * 256}/history", headers=bearer)
    assert response.status_code == 400
    told = response.json()
    assert told["message"].startswith("client_id=aaaa")
    assert told["message"].endswith("must be 1 to 255 characters")
