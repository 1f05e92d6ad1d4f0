import time

import pytest

from monitoring.core.client_steps import (
    COUNTERS,
    LEVELS,
    StepGroup,
    encode_steps,
    key_of_session,
    packed_counts,
    packed_levels,
)
from monitoring.history import seconds
from monitoring.storage.rows import store_sessions
from tests.monitoring import batches
from tests.monitoring.batches import append, batch, sample

pytestmark = pytest.mark.django_db
NOW = int(time.time()) // 60 * 60 - 60
SESSION = "00112233445566778899aabbccddeeff"


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})


def session(**values):
    record = batches.session(SESSION, **values)
    record.client_id, record.connected_at = "ada", float(NOW - 5)
    return record


def step(at: float, received: int) -> StepGroup:
    counts = [packed_counts([received if name == "messages_received" else 0]) for name in COUNTERS]
    return StepGroup(at, key_of_session(SESSION), [*counts, *(packed_levels([None]) for _ in LEVELS)])


@pytest.fixture
def journal(redis):
    """A client's first fifteen seconds, of which two steps are known."""
    steps = encode_steps([step(NOW, 10), step(NOW + 10, 50)])
    seconds_ = [sample(NOW + second, connections=1) for second in range(11)]
    append(redis, batch(*seconds_, boot="boot1", sessions=[session()], client_steps=steps), at=NOW + 11)


def test_the_api_has_the_same(client, bearer, journal):
    found = client.get("/api/clients/ada/history", {"from": "-5m"}, headers=bearer).json()
    assert found["messages_received_per_second"] == [2, 4]
    assert [one["node"] for one in found["sessions"]] == ["web:1"]
    assert (found["session"], found["seconds"], found["verdict"]) == ([0, 0], [5, 10], [None, None])


def test_the_api_says_that_the_journal_is_away(client, bearer, settings, db):
    store_sessions([batch(boot="boot1", sessions=[session()])])
    settings.REDIS_URL = ""
    response = client.get("/api/clients/ada/history", {"from": "-5m"}, headers=bearer)
    assert (response.status_code, response.json()["error"]) == (503, "journal_away")


def test_the_api_refuses_an_id_that_no_client_can_have(client, bearer, db):
    response = client.get(f"/api/clients/{'a' * 256}/history", headers=bearer)
    assert response.status_code == 400
    told = response.json()
    assert told["message"].startswith("client_id=aaaa")
    assert told["message"].endswith("must be 1 to 255 characters")
