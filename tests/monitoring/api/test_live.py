import pytest
from django.test import AsyncClient

from monitoring import runtime
from monitoring.api import live
from monitoring.core import groups
from monitoring.core.alert_state import Observation
from monitoring.core.collector import MetricsCollector
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.view import View
from monitoring.fleet import bus
from monitoring.fleet.relay import PeerReports, Relay
from monitoring.runtime import Runtime
from tests.fakes import FakeProbe, FakeViewer, hub_of
from tests.waiting import until

INTERVAL = 0.1


class Node:
    """One server process that ticks ten times a second, and its clients."""

    def __init__(self, name: str, *clients: str) -> None:
        self.monitor = PerformanceMonitor(INTERVAL, node=name, collector=MetricsCollector(probe=FakeProbe()))
        peers = PeerReports(self.monitor.reporter)
        self.hub = hub_of(self.monitor, peers=peers)
        self.relay = Relay(self.monitor.reporter, self.hub, peers)
        self.monitor.sinks += [self.hub, self.relay]
        for client in clients:
            self.monitor.collector.track_client_connection(client, "/ws/avatar/", "10.0.0.9")

    async def start(self) -> None:
        await self.relay.start()
        await self.monitor.start()

    async def stop(self) -> None:
        self.monitor.stop()
        await self.relay.stop()


@pytest.fixture(autouse=True)
def fast(monkeypatch, in_memory_layer):
    monkeypatch.setattr(bus, "GATHER_SECONDS", 0.001)


@pytest.fixture
async def fleet(monkeypatch):
    """Two nodes; the first one is asked."""
    nodes = [Node("n1", "ada", "bob"), Node("n2", "eve")]
    for node in nodes:
        await node.start()
    await until(lambda: not any(node.relay._bus.alone for node in nodes))
    monkeypatch.setattr(runtime, "current", lambda: Runtime(nodes[0].hub, nodes[0].monitor, relay=nodes[0].relay))
    yield nodes
    for node in nodes:
        await node.stop()


@pytest.fixture
def asked(bearer):
    """Requests an address of the API, with a token."""

    async def ask(path: str, status: int = 200) -> dict:
        response = await AsyncClient().get(path, headers=bearer)
        assert response.status_code == status, response.content
        return response.json()

    return ask


def ids(answer: dict) -> list[str]:
    return [client["client_id"] for client in answer["clients"]]


async def test_the_first_answer_already_covers_the_whole_fleet(fleet, asked, monkeypatch):
    # On a busy machine a tick may be late, and then an answer without the other node is right.
    monkeypatch.setattr(live, "INTERVALS", 30)
    answer = await asked("/api/current")
    assert [node["node"] for node in answer["nodes"]] == ["n1", "n2"]
    assert (ids(answer), answer["clients_total"], answer["missing_nodes"]) == (["ada", "bob", "eve"], 3, [])
    assert answer["server"]["active_connections"] == 3


async def test_times_are_iso_8601_in_utc(fleet, asked):
    fleet[0].monitor.alerts.observe("cpu_percent", "host", Observation(99.0), 1_700_000_000.0)
    answer = await asked("/api/current")
    assert answer["alerts"][0]["timestamp"] == "2023-11-14T22:13:20Z"
    for moment in (answer["timestamp"], answer["clients"][0]["connected_at"]):
        assert moment.endswith("Z")


async def test_it_is_the_frame_that_viewers_get(fleet, asked):
    frame = fleet[0].monitor.get_current_metrics()
    answer = await asked("/api/current")
    assert set(answer) == set(frame) - {"type"} | {"missing_nodes"}
    more = {"user", "room", "browser", "evidence", "sure"}
    assert set(answer["clients"][0]) == set(frame["clients"][0]) | more
    assert set(frame["server"]) <= set(answer["server"])


async def test_clients_are_sorted_searched_and_paged_over_the_fleet(fleet, asked):
    answer = await asked("/api/clients?sort=-client_id&limit=2")
    assert (ids(answer), answer["clients_matched"]) == (["eve", "bob"], 3)
    rest = await asked(answer["next"])
    assert (ids(rest), rest["next"]) == (["ada"], None)
    assert ids(await asked("/api/clients?search=ev")) == ["eve"]


@pytest.mark.parametrize("query", ["state=noisy", "sort=-messages_per_second&limit=2"])
async def test_who_sends_much_is_found_though_nobody_has_looked_before(fleet, asked, monkeypatch, query):
    monkeypatch.setattr(live, "INTERVALS", 30)
    for node, client in zip(fleet, ("bob", "eve"), strict=True):
        chatter(monkeypatch, node, client)
    answer = await asked(f"/api/clients?{query}")
    assert sorted(ids(answer)) == ["bob", "eve"]
    assert all(client["messages_per_second"] > 50.0 for client in answer["clients"])


def chatter(monkeypatch, node: Node, client: str) -> None:
    """The client sends a hundred messages with each tick."""
    tick = node.monitor.tick

    def noisy_tick(**options: object) -> None:
        for _ in range(100):
            node.monitor.collector.track_client_message(client, 0, 10)
        tick(**options)

    monkeypatch.setattr(node.monitor, "tick", noisy_tick)


async def test_clients_are_counted_by_path_and_browser_over_the_fleet(fleet, asked):
    fleet[0].monitor.collector.client_metrics["ada"].user_agent = "curl/8.5"
    answer = await asked("/api/groups")
    assert set(answer) == {"timestamp", "missing_nodes", "clients_total", "paths", "browsers"}
    assert [(group["name"], group["clients"]) for group in answer["browsers"]] == [("not sent", 2), ("curl", 1)]
    assert (sum(group["clients"] for group in answer["paths"]), answer["missing_nodes"]) == (3, [])
    assert answer["paths"][0]["verdicts"] == {"unknown": 3}
    assert set(await asked("/api/groups?by=path", 400)) >= {"error", "message"}


async def test_with_many_clients_groups_are_waited_for_until_all_are_counted(fleet, asked, monkeypatch):
    monkeypatch.setattr(groups, "CLIENTS_A_TICK", 1)
    monkeypatch.setattr(live, "CLIENTS_A_TICK", 1)
    for number in range(8):
        fleet[0].monitor.collector.track_client_connection(f"more-{number}", "/ws/avatar/")
    answer = await asked("/api/groups")
    assert (answer["paths"][0]["clients"], answer["missing_nodes"]) == (11, [])


async def test_a_page_beyond_the_last_is_empty(fleet, asked):
    answer = await asked("/api/clients?offset=50")
    assert (answer["clients"], answer["clients_matched"], answer["next"]) == ([], 3, None)


async def test_a_caller_with_an_answer_no_longer_watches(fleet, asked):
    await asked("/api/clients?search=a")
    assert fleet[0].hub.views == set()


async def test_a_caller_that_leaves_in_between_no_longer_watches(fleet, monkeypatch):
    monkeypatch.setattr(fleet[0].monitor, "tick", lambda **_: None)
    monkeypatch.setattr(live, "INTERVALS", 0.1)
    with pytest.raises(live.Refused):
        await live.look(View())
    assert not fleet[0].hub.watched


async def test_the_live_page_is_not_disturbed(fleet, asked):
    viewer = FakeViewer()
    fleet[0].hub.join(viewer)
    await asked("/api/clients?sort=-fps")
    before = len(viewer.frames)
    await until(lambda: len(viewer.frames) >= before + 2)
    assert fleet[0].hub.viewers == 1


async def test_a_silent_node_is_named(fleet, asked):
    fleet[1].monitor.stop()
    answer = await asked("/api/clients?search=somebody")
    assert answer["missing_nodes"] == ["n2"]


async def test_bad_parameters_are_named_with_what_is_allowed(fleet, asked):
    answer = await asked("/api/clients?sort=age", 400)
    assert (answer["parameter"], answer["value"]) == ("sort", "age")
    assert "connected_at, -connected_at" in answer["allowed"]
    assert (await asked("/api/clients?limit=101", 400))["allowed"] == "1 to 100"
    assert (await asked("/api/clients?offset=-1", 400))["allowed"] == "0 to 100000"
    assert (await asked("/api/current?sort=fps", 400))["error"] == "unknown_parameter"


async def test_without_monitoring_it_says_so(asked, monkeypatch):
    monkeypatch.setattr(runtime, "current", lambda: Runtime(None, None))
    answer = await asked("/api/current", 503)
    assert answer["error"] == "disabled"
    assert "AVATAR_MONITORING_ENABLED" in answer["message"]


async def test_without_a_monitor_nobody_waits(asked, monkeypatch):
    node = Node("n1")
    monkeypatch.setattr(runtime, "current", lambda: Runtime(node.hub, node.monitor))
    assert (await asked("/api/current", 503))["error"] == "not_running"


async def test_a_monitor_that_does_not_tick_is_waited_for_three_intervals(fleet, asked, monkeypatch):
    monkeypatch.setattr(fleet[0].monitor, "tick", lambda **_: None)
    answer = await asked("/api/current", 503)
    assert (answer["error"], answer["message"]) == ("no_frame", "No frame arrived within 0.3 s")


async def test_strangers_get_nothing(fleet, bearer):
    response = await AsyncClient().get("/api/current", headers={"Authorization": "Bearer x"})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["error"] == "unknown_token"
