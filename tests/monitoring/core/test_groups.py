import msgspec
import pytest

from monitoring.core import groups
from monitoring.core.groups import MOST_GROUPS, Group, GroupedView, Grouping, merged, with_groups
from monitoring.core.message import Report, view_key
from monitoring.core.verdicts import Judgement, Verdict
from monitoring.core.view import View

CHROME, WEBSOCKETS = "Mozilla/5.0 Chrome/131.0 Safari/537.36", "Python/3.11 websockets/15.0"


def connected(collector, client_id, path="/ws/", user_agent="", latency=None, fps=None, verdict=None):
    collector.track_client_connection(client_id, path)
    client = collector.client_metrics[client_id]
    client.user_agent = user_agent
    if latency is not None:
        collector.track_client_latency(client_id, latency)
    if fps is not None:
        collector.track_client_rendered_frames(client_id, fps, 1000 / fps)
    if verdict is not None:
        client.judgement = Judgement(verdict)


def by_name(rows):
    return {row.pop("name"): row for row in rows}


def test_clients_are_counted_by_path_and_by_browser(collector):
    connected(collector, "a", "/ws/rooms/1/", CHROME, 10, 60, Verdict.FINE)
    connected(collector, "b", "/ws/rooms/2/", CHROME, 100, 30, Verdict.NETWORK)
    connected(collector, "c", "/ws/feed/", WEBSOCKETS)
    found = merged([Grouping(collector).at(1)])
    rooms = {
        "clients": 2, "p50_latency_ms": pytest.approx(10, rel=0.01), "p95_latency_ms": pytest.approx(100, rel=0.01),
        "fps": 45.0, "verdicts": {"fine": 1, "network": 1},
    }  # fmt: skip
    feed = {"clients": 1, "p50_latency_ms": None, "p95_latency_ms": None, "fps": None, "verdicts": {"unknown": 1}}
    assert by_name(found["paths"]) == {"/ws/rooms/*/": rooms, "/ws/feed/": feed}
    assert by_name(found["browsers"]) == {"Chrome": rooms, "websockets": feed}


def test_each_tick_counts_anew(collector):
    grouping = Grouping(collector)
    assert grouping.at(1)["paths"] == {}
    connected(collector, "a")
    assert grouping.at(1)["paths"] == {}
    assert grouping.at(2)["paths"]["/ws/"].clients == 1
    collector.remove_client("a")
    assert grouping.at(3)["paths"] == {}


def test_many_clients_are_counted_over_several_ticks(collector, monkeypatch):
    monkeypatch.setattr(groups, "CLIENTS_A_TICK", 2)
    for number in range(5):
        connected(collector, f"c{number}")
    grouping = Grouping(collector)
    assert [grouping.at(1), grouping.at(2)] == [None, None]
    assert grouping.at(3)["paths"]["/ws/"].clients == 5
    collector.remove_client("c4")
    assert [grouping.at(seq)["paths"]["/ws/"].clients for seq in (4, 5)] == [5, 4]


def test_after_a_pause_an_old_count_is_not_shown(collector, monkeypatch):
    grouping = Grouping(collector)
    connected(collector, "a")
    assert grouping.at(1)["paths"]
    monkeypatch.setattr(groups, "CLIENTS_A_TICK", 1)
    connected(collector, "b")
    assert grouping.at(60) is None


def test_groups_are_few(collector):
    for number in range(MOST_GROUPS + 20):
        connected(collector, f"c{number}", f"/{'a' * (number % 35)}/{'b' * (number // 35)}/")
    (found,) = (Grouping(collector).at(1),)
    assert len(found["paths"]) == MOST_GROUPS + 1
    rows = merged([found])["paths"]
    assert (len(rows), rows[-1]["name"], rows[-1]["clients"]) == (MOST_GROUPS + 1, "other", 20)


def test_several_nodes_are_one_fleet():
    nodes = [
        {"paths": {"/a/": Group(clients=1), "other": Group(clients=9)}, "browsers": {}},
        {"paths": {"/a/": Group(clients=2, verdicts={"fine": 2}), "/b/": Group(clients=1)}, "browsers": {}},
        None,
    ]
    rows = merged(nodes)["paths"]
    assert [(row["name"], row["clients"]) for row in rows] == [("/a/", 3), ("/b/", 1), ("other", 9)]
    assert rows[0]["verdicts"] == {"fine": 2}
    assert nodes[0]["paths"]["/a/"].clients == 1


def test_groups_travel_in_a_report(collector):
    connected(collector, "a", user_agent=CHROME, latency=10, fps=60)
    found = Grouping(collector).at(1)
    field = next(field for field in msgspec.structs.fields(Report) if field.name == "groups")
    assert msgspec.convert(msgspec.to_builtins(found), field.type) == found


def test_a_view_with_groups_has_the_rows_of_the_view_without():
    view = View("-fps", "ada", 5, 10)
    assert isinstance(with_groups(view), GroupedView)
    assert view_key(with_groups(view)) == view_key(view)
    assert with_groups(view) != view
