import asyncio
import json

import pytest

from monitoring import bus
from monitoring.core.hub import Hub
from monitoring.core.view import View
from monitoring.relay import Relay, Watch
from tests.fakes import FakeClock, FakeViewer, fake_monitor, ticked
from tests.waiting import until


class Node:
    """One server process: monitor, hub and relay, on a clock that all nodes share."""

    def __init__(self, name: str, clock: FakeClock) -> None:
        self.monitor = fake_monitor(clock, node=name)
        self.hub = Hub(self.monitor)
        self.relay = Relay(self.monitor, self.hub)
        self.monitor.sinks += [self.hub, self.relay]
        self.monitor.collector.track_client_connection(f"client-of-{name}")

    def watched_by(self, view: View | None = None) -> FakeViewer:
        viewer = FakeViewer(view)
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
    """All nodes tick, and what they tell each other arrives."""
    for _ in range(times):
        clock.advance(1)
        for node in nodes:
            node.monitor.tick()
        await asyncio.sleep(0.02)


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


async def test_a_node_that_measures_less_often_stays_in_the_frames_for_three_of_its_intervals(clock, nodes):
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


async def test_nothing_is_sent_while_nobody_looks(clock, nodes, monkeypatch):
    sent = []
    for node in nodes:
        monkeypatch.setattr(node.relay._bus, "send", sent.append)
    await second(clock, nodes, 3)
    assert sent == []


async def test_reports_end_when_nobody_looks_any_more(clock, nodes, monkeypatch):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    nodes[0].hub.leave(viewer)
    monkeypatch.setattr("monitoring.relay.WATCH_SECONDS", 0.0)
    sent = []
    monkeypatch.setattr(nodes[1].relay._bus, "send", sent.append)
    await second(clock, nodes)
    assert sent == []


async def test_a_viewers_page_is_cut_from_all_nodes_clients(clock, nodes):
    viewer = nodes[0].watched_by(View(sort="-client_id", limit=1))
    await second(clock, nodes, 3)
    assert [row["client_id"] for row in json.loads(viewer.frames[-1])["clients"]] == ["client-of-n2"]


async def test_a_changed_view_is_told_at_once(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    viewer.view = View(search="n2")
    await second(clock, nodes, 3)
    assert [row["client_id"] for row in json.loads(viewer.frames[-1])["clients"]] == ["client-of-n2"]


async def test_who_begins_to_watch_is_told_the_other_nodes_past(clock, nodes):
    await second(clock, nodes, 5)
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 2)
    history = json.loads(viewer.histories[-1])
    assert [sample["server"]["active_connections"] for sample in history["samples"]] == [2] * 5 + [2]


async def test_a_past_that_is_told_to_somebody_else_takes_no_rows_away(clock, nodes):
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
    kept = [report.timestamp for report in nodes[0].relay._reports["n2"]]
    assert kept == sorted(set(kept))


async def test_a_node_that_falls_silent_leaves_the_frames_after_three_intervals(clock, nodes):
    viewer = nodes[0].watched_by()
    await second(clock, nodes, 3)
    await second(clock, nodes[:1], 5)
    assert shown_nodes(viewer.frames[-1]) == ["n1"]


async def test_a_node_that_is_silent_for_a_minute_is_forgotten(clock, nodes):
    nodes[0].watched_by()
    await second(clock, nodes, 2)
    assert nodes[0].relay._reports.keys() == {"n2"}
    clock.advance(120)
    nodes[0].monitor.tick()
    assert nodes[0].relay._reports == {}


def test_without_a_channel_layer_in_reach_the_own_frames_go_on(clock):
    node = Node("n1", clock)
    viewer = node.watched_by()
    ticked(node.monitor, clock)
    assert shown_nodes(viewer.frames[-1]) == ["n1"]
    assert node.monitor.collector.rescue.errors == 0


async def test_what_is_missing_of_a_view_is_known(clock, nodes):
    viewer = nodes[0].watched_by(View(search="client"))
    relay = nodes[0].relay
    assert relay.missing(viewer.view, clock.now) == ["n2"]
    await second(clock, nodes, 3)
    assert relay.missing(viewer.view, clock.now) == []
    assert relay.missing(View(search="another"), clock.now) == ["n2"]


async def test_who_looks_at_once_sees_the_others_with_the_tick_after_the_next(clock, nodes):
    viewer = nodes[0].watched_by(View(search="client"))
    nodes[0].relay.look()
    await asyncio.sleep(0.02)
    await second(clock, nodes, 2)
    assert len(json.loads(viewer.frames[-1])["clients"]) == 2
