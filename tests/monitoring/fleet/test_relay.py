import asyncio
import json

import msgspec
import pytest

from monitoring.core.groups import GroupedView
from monitoring.core.view import View
from monitoring.fleet import bus
from monitoring.fleet.relay import PeerReports, Relay, Watch, known_views
from tests.fakes import FakeClock, FakeViewer, fake_monitor, hub_of, ticked
from tests.waiting import until


class Node:
    """One server process: monitor, hub and relay. Time passes equally for all; a host's clock may be `ahead` of it."""

    def __init__(self, name: str, clock: FakeClock, ahead: float = 0.0) -> None:
        self.monitor = fake_monitor(clock, node=name, stamps=lambda: clock() + ahead)
        self.peers = PeerReports(self.monitor.reporter)
        self.hub = hub_of(self.monitor, peers=self.peers)
        self.relay = Relay(self.monitor.reporter, self.hub, self.peers)
        self.monitor.sinks += [self.hub, self.relay]
        self.monitor.collector.track_client_connection(f"client-of-{name}")

    def watched_by(self, view: View | None = None, client_id: str = "") -> FakeViewer:
        viewer = FakeViewer(view, client_id)
        self.hub.join(viewer)
        return viewer


@pytest.fixture(autouse=True)
def fast(monkeypatch, in_memory_layer):
    monkeypatch.setattr(bus, "GATHER_SECONDS", 0.001)


@pytest.fixture
async def nodes(clock):
    nodes = [Node("n1", clock), Node("n2", clock)]
    for node in nodes:
        await node.relay.start()
    await until(lambda: not any(node.relay._bus.alone for node in nodes))
    yield nodes
    for node in nodes:
        await node.relay.stop()


async def second(clock, nodes, times: int = 1) -> None:
    """All nodes tick, and their messages to each other arrive."""
    for _ in range(times):
        clock.advance(1)
        for node in nodes:
            node.monitor.tick()
        await delivered(nodes)


async def delivered(nodes) -> None:
    """The nodes' messages to each other, and the answers to them, have arrived."""
    for _ in range(3):
        await until(lambda: not any(node.relay._bus._waiting for node in nodes))
        for _ in range(20):
            await asyncio.sleep(0)


def reports_of(node: Node, name: str) -> list:
    """The reports that a node keeps of the one of this name."""
    (kept,) = [kept for kept in node.peers._reports.values() if kept[-1].report.node == name]
    return list(kept)


def shown_nodes(frame: str) -> list[str]:
    return [node["node"] for node in json.loads(frame)["nodes"]]


async def test_a_viewer_of_one_node_sees_the_whole_fleet(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    frame = json.loads(viewer.frames[-1])
    assert shown_nodes(viewer.frames[-1]) == ["n1", "n2"]
    assert sorted(row["client_id"] for row in frame["clients"]) == ["client-of-n1", "client-of-n2"]
    assert (frame["clients_total"], frame["server"]["active_connections"], frame["server"]["viewers"]) == (2, 2, 1)


async def test_viewers_of_all_nodes_are_counted(clock, nodes):
    viewer = nodes[0].watched_by()
    nodes[1].watched_by()
    await second(clock, nodes, 3)
    assert json.loads(viewer.frames[-1])["server"]["viewers"] == 2


async def test_a_slower_node_stays_in_the_frames_for_three_of_its_intervals(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    nodes[1].monitor.pace.interval = 6.0
    await second(clock, nodes)
    await second(clock, nodes[:1], 18)
    assert shown_nodes(viewer.frames[-1]) == ["n1", "n2"]
    await second(clock, nodes[:1])
    assert shown_nodes(viewer.frames[-1]) == ["n1"]


def test_a_watch_holds_until_the_watcher_can_repeat_it():
    assert [Watch([], interval).seconds for interval in (0.1, 1.0, 2.0, 60.0)] == [5.0, 5.0, 5.0, 150.0]


async def test_nothing_is_sent_while_nobody_watches(clock, nodes, monkeypatch):
    sent = []
    for node in nodes:
        monkeypatch.setattr(node.relay._bus, "send", sent.append)
    await second(clock, nodes, 3)
    assert sent == []


async def test_reports_end_when_nobody_watches_any_more(clock, nodes, monkeypatch):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    nodes[0].hub.leave(viewer)
    monkeypatch.setattr("monitoring.fleet.relay.WATCH_SECONDS", 0.0)
    sent = []
    monkeypatch.setattr(nodes[1].relay._bus, "send", sent.append)
    await second(clock, nodes)
    assert sent == []


async def test_a_viewers_page_is_cut_from_all_nodes_clients(clock, nodes):
    viewer = nodes[0].watched_by(View(sort="-client_id", limit=1))
    await second(clock, nodes, 3)
    assert [row["client_id"] for row in json.loads(viewer.frames[-1])["clients"]] == ["client-of-n2"]


async def test_a_changed_view_is_sent_at_once(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    viewer.view = View(search="n2")
    await second(clock, nodes, 3)
    assert [row["client_id"] for row in json.loads(viewer.frames[-1])["clients"]] == ["client-of-n2"]


async def test_groups_of_all_nodes_are_counted_for_a_viewer_that_is_shown_them(clock, nodes):
    viewer, other = nodes[0].watched_by(GroupedView()), nodes[0].watched_by()
    await second(clock, nodes, 3)
    frame = json.loads(viewer.frames[-1])
    assert [group["clients"] for group in frame["groups"]["paths"]] == [2]
    assert (frame["clients_matched"], "groups" in json.loads(other.frames[-1])) == (2, False)
    assert nodes[0].relay.missing(GroupedView(), clock()) == []


async def test_no_groups_are_counted_for_viewers_that_are_shown_none(clock, nodes):
    nodes[0].watched_by()
    await second(clock, nodes, 3)
    assert reports_of(nodes[0], "n2")[-1].report.groups is None
    assert nodes[0].relay.missing(View(), clock()) == []
    assert nodes[0].relay.missing(GroupedView(), clock()) == ["n2"]


async def test_a_node_that_begins_to_watch_receives_the_other_nodes_past(clock, nodes):
    await second(clock, nodes, 5)
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    history = json.loads(viewer.histories[-1])
    assert [sample["server"]["active_connections"] for sample in history["samples"]] == [2] * 5 + [2]


async def test_a_past_sent_to_another_node_removes_no_rows(clock, nodes):
    third = Node("n3", clock)
    await third.relay.start()
    everybody = [*nodes, third]
    viewer = nodes[0].watched_by()
    await second(clock, everybody, 3)
    third.watched_by()
    await second(clock, everybody, 3)
    await third.relay.stop()
    rows = [len(json.loads(frame)["clients"]) for frame in viewer.frames[2:]]
    assert rows == [3] * len(rows)


async def test_reports_are_kept_once_each_and_in_order(clock, nodes):
    nodes[0].watched_by()
    await second(clock, nodes, 6)
    kept = [one.moment for one in reports_of(nodes[0], "n2")]
    assert kept == sorted(set(kept))


async def test_a_silent_node_leaves_the_frames_after_three_intervals(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    await second(clock, nodes[:1], 5)
    assert shown_nodes(viewer.frames[-1]) == ["n1"]


async def test_a_node_that_is_silent_for_a_minute_is_forgotten(clock, nodes):
    nodes[0].watched_by()
    await second(clock, nodes, 2)
    assert len(reports_of(nodes[0], "n2")) == 2
    clock.advance(120)
    nodes[0].monitor.tick()
    assert nodes[0].peers._reports == {}


def test_without_a_reachable_channel_layer_the_nodes_own_frames_continue(clock):
    node = Node("n1", clock)
    viewer = node.watched_by()
    ticked(node.monitor, clock)
    assert shown_nodes(viewer.frames[-1]) == ["n1"]
    assert node.monitor.collector.rescue.errors == 0


async def test_rows_that_a_view_lacks_are_known(clock, nodes):
    viewer = nodes[0].watched_by(View(search="client"))
    relay = nodes[0].relay
    assert relay.missing(viewer.view, clock.now) == ["n2"]
    await second(clock, nodes, 3)
    assert relay.missing(viewer.view, clock.now) == []
    assert relay.missing(View(search="another"), clock.now) == ["n2"]


async def test_a_new_viewer_sees_the_others_with_the_tick_after_the_next(clock, nodes):
    viewer = nodes[0].watched_by(View(search="client"))
    nodes[0].relay.look()
    await asyncio.sleep(0.02)
    await second(clock, nodes, 2)
    assert len(json.loads(viewer.frames[-1])["clients"]) == 2


async def started(*nodes: Node) -> None:
    for node in nodes:
        await node.relay.start()
    await until(lambda: all(len(node.relay._bus.others) == len(nodes) - 1 for node in nodes))


@pytest.mark.parametrize("ahead", [5.0, -5.0, 86_400.0])
async def test_hosts_whose_clocks_differ_see_each_other(clock, ahead):
    nodes = [Node("n1", clock), Node("n2", clock, ahead)]
    await started(*nodes)
    await second(clock, nodes, 5)
    viewers = [node.watched_by() for node in nodes]
    await second(clock, nodes, 3)
    for viewer in viewers:
        assert sorted(shown_nodes(viewer.frames[-1])) == ["n1", "n2"]
        past = json.loads(viewer.histories[-1])["samples"]
        assert [sample["server"]["active_connections"] for sample in past] == [2] * len(past)
    await second(clock, nodes[:1], 5)
    assert shown_nodes(viewers[0].frames[-1]) == ["n1"]
    for node in nodes:
        await node.relay.stop()


async def test_setting_a_clock_during_a_session_removes_nobody_from_the_page(clock):
    ahead = [0.0]
    nodes = [Node("n1", clock), Node("n2", clock)]
    nodes[1].monitor._stamps = lambda: clock() + ahead[0]
    await started(*nodes)
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    for jump in (7_200.0, -7_200.0):
        ahead[0] += jump
        await second(clock, nodes)
        assert shown_nodes(viewer.frames[-1]) == ["n1", "n2"]
    for node in nodes:
        await node.relay.stop()


async def test_two_nodes_with_one_name_stay_two(clock):
    nodes = [Node("web:1", clock), Node("web:1", clock)]
    nodes[1].monitor.collector.track_client_connection("another")
    await started(*nodes)
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    frame = json.loads(viewer.frames[-1])
    names = [f"web:1#{node.monitor.boot[:4]}" for node in nodes]
    assert [node["node"] for node in frame["nodes"]] == names
    assert [node["boot"] for node in frame["nodes"]] == [node.monitor.boot for node in nodes]
    assert sorted(row["node"] for row in frame["clients"]) == sorted([names[0], names[1], names[1]])
    assert frame["clients_total"] == 3
    assert nodes[0].relay.missing(View(search="x"), clock.now) == ["web:1"]
    for node in nodes:
        await node.relay.stop()


# Views that want one verdict


async def test_a_viewer_may_want_the_clients_of_one_verdict_of_all_nodes(clock, nodes):
    viewer = nodes[0].watched_by(View(verdict="unknown"))
    other = nodes[0].watched_by(View(verdict="network"))
    await second(clock, nodes, 3)
    frame = json.loads(viewer.frames[-1])
    assert sorted(row["client_id"] for row in frame["clients"]) == ["client-of-n1", "client-of-n2"]
    assert json.loads(other.frames[-1])["clients_matched"] == 0
    assert frame["verdicts"] == {"unknown": 2}


async def test_a_node_of_an_older_release_is_not_shown_a_view_that_it_would_refuse(nodes):
    sent = []
    nodes[0].relay._bus.send = sent.append
    nodes[0].watched_by()
    newer = View(verdict="network"), View(state="slow"), View("-p95_latency_ms"), View(search="x", masked=True)
    for view in newer:
        nodes[0].watched_by(view)
    nodes[0].relay.look()
    former = {"sort": "client_id", "search": "", "offset": 0, "limit": 100}
    (watch,) = sent
    assert watch["views"] == [former]
    assert set(known_views(watch["judged"])) == set(newer)


async def test_an_order_or_a_state_of_a_newer_release_is_no_reason_to_refuse_the_other_views():
    assert list(known_views([{"state": "asleep"}, {"sort": "mood"}, {"state": "slow"}])) == [View(state="slow")]


async def test_states_are_counted_and_rows_sorted_over_all_nodes(clock, nodes):
    viewer = nodes[0].watched_by(View("-state", state="live"))
    await second(clock, nodes, 3)
    frame = json.loads(viewer.frames[-1])
    assert frame["states"] == {"live": 2}
    assert [row["states"] for row in frame["clients"]] == [["live"], ["live"]]


async def test_a_node_of_an_older_release_sees_nothing_of_groups_but_a_key_that_it_does_not_know(nodes):
    sent = []
    nodes[0].relay._bus.send = sent.append
    nodes[0].watched_by(GroupedView())
    nodes[0].relay.look()
    (watch,) = sent
    assert watch["views"] == [{"sort": "client_id", "search": "", "offset": 0, "limit": 100}]
    assert watch["groups"]


def test_a_verdict_of_a_newer_release_is_no_reason_to_refuse_the_others():
    assert list(known_views([{"verdict": "bewitched"}, {"verdict": "hidden"}])) == [View(verdict="hidden")]


async def test_an_older_nodes_report_says_nothing_of_verdicts(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    for kept in nodes[0].peers._reports.values():
        for received in kept:
            received.report.verdicts = {}
    nodes[0].monitor.tick()
    assert json.loads(viewer.frames[-1])["verdicts"] == {"unknown": 1}


async def test_a_viewer_looks_at_a_client_of_another_node(clock, nodes):
    first, _ = nodes
    viewer = first.watched_by(client_id="client-of-n2")
    await second(clock, nodes, 3)
    shown = [json.loads(frame)["client"] for frame in viewer.frames]
    assert shown[0] is None
    assert (shown[-1]["client_id"], shown[-1]["node"]) == ("client-of-n2", "n2")
    assert len(json.loads(first.hub.history("client-of-n2").text)["client"]) >= 1


async def test_another_clients_page_is_asked_for_at_once(clock, nodes):
    first, _ = nodes
    first.watched_by()
    await second(clock, nodes)
    viewer = first.watched_by(client_id="client-of-n2")
    await second(clock, nodes, 3)
    assert json.loads(viewer.frames[-1])["client"]["node"] == "n2"


def test_a_node_of_an_older_release_does_not_know_of_clients_pages():
    old = msgspec.defstruct("Watch", [("views", list[View]), ("interval", float, 1.0)], tag=True)
    told = msgspec.to_builtins(Watch([View()], 1.0, ["ada"]))
    assert msgspec.convert(told, old).interval == 1.0
    assert msgspec.convert(msgspec.to_builtins(old([View()])), Watch).clients == []
