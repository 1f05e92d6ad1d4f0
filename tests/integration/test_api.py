"""Programs can ask any node of a real fleet for the whole fleet."""

import json
import urllib.error
import urllib.request

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.site import eventually, free_port, receive, running_site

TOKEN = "a-token-of-the-tests-own"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("api")
    variables = {"AVATAR_API_TOKENS": TOKEN, "AVATAR_METRICS_INTERVAL": "0.25", "AVATAR_SITE": "api"}
    with running_site(directory, **variables) as site:
        yield site


@pytest.fixture(scope="module")
def fleet(site):
    """Two daphnes that share a Valkey, with a client each, and their ports."""
    second = free_port()
    site.daphne()
    site.daphne(second)
    with (
        site.avatar("client_id=ada", port=site.port) as ada,
        site.avatar("client_id=bob", port=second) as bob,
    ):
        for client in (ada, bob):
            client.send(json.dumps({"type": "ping", "t": 1}))
            receive(client, "pong")
        yield site.port, second


def answer(port: int, path: str, accept: str = "*/*", token: str = TOKEN) -> str:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def whole(port: int, path: str) -> dict | None:
    """An answer with both nodes: just after the start they have not heard of each other."""
    found = json.loads(answer(port, path))
    return found if not found["missing_nodes"] and found["clients_total"] == 2 else None


@pytest.mark.parametrize("asked", [0, 1])
def test_current_shows_the_whole_fleet(fleet, asked):
    found = eventually(lambda: whole(fleet[asked], "/api/current"))
    assert sorted(client["client_id"] for client in found["clients"]) == ["ada", "bob"]
    assert len({node["node"] for node in found["nodes"]}) == 2


@pytest.mark.parametrize("asked", [0, 1])
def test_clients_of_all_nodes_are_paged(fleet, asked):
    found = eventually(lambda: whole(fleet[asked], "/api/clients?sort=-client_id&limit=1"))
    assert [client["client_id"] for client in found["clients"]] == ["bob"]
    rest = eventually(lambda: whole(fleet[asked], found["next"]))
    assert [client["client_id"] for client in rest["clients"]] == ["ada"]


@pytest.mark.parametrize("asked", [0, 1])
def test_metrics_cover_the_whole_fleet(fleet, asked):
    def both() -> dict | None:
        text = answer(fleet[asked], "/metrics", "application/openmetrics-text; version=1.0.0")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        messages = [s.value for s in families["avatar_messages_received"].samples if s.name.endswith("_total")]
        return families if messages == [1, 1] else None

    found = eventually(both, seconds=15)
    assert [sample.value for sample in found["avatar_connections"].samples] == [1, 1]
    assert [sample.value for sample in found["avatar_nodes"].samples] == [2]
    assert len(found["avatar_host_memory_used_bytes"].samples) == 1


def test_a_wrong_token_gets_nothing(fleet):
    with pytest.raises(urllib.error.HTTPError) as caught:
        answer(fleet[0], "/api/current", token="a-token-that-nobody-knows")
    assert (caught.value.code, json.load(caught.value)["error"]) == (401, "unknown_token")


def test_a_stopped_node_is_no_longer_included(site, fleet):
    site.processes[-1].terminate()
    site.processes[-1].wait(10)
    text = answer(fleet[0], "/metrics")
    assert "\navatar_nodes 1.0\n" in text
