import json

import pytest

from monitoring.core.message import Frame, Report, distinct, fleet, history
from monitoring.core.metrics import ClientMetrics
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.view import View
from tests.fakes import FakeProbe, fake_monitor, ticked

ALL = (View(),)


def reported(clock, node: str = "n1", latencies: tuple[float, ...] = (), views=ALL, **probe: float) -> Report:
    """A report of a node with one client, whose round trips took this many milliseconds."""
    monitor = fake_monitor(clock, FakeProbe(**probe), node=node)
    monitor.collector.track_client_connection(f"client-of-{node}")
    monitor.collector.track_message()
    for milliseconds in latencies:
        monitor.collector.track_client_latency(f"client-of-{node}", milliseconds)
    return monitor.reporter.report(ticked(monitor, clock), views)


def frame(*reports: Report) -> Frame:
    return Frame(reports, epoch="boot", interval=1.0)


def test_one_nodes_frame_is_its_report(clock):
    report = reported(clock)
    message = frame(report).as_dict(View())
    assert message["server"] == report.server
    assert message["system"] == {**report.system, "host": report.host}
    assert [shown["client_id"] for shown in message["clients"]] == ["client-of-n1"]
    assert (message["seq"], message["epoch"], message["interval"]) == (1, "boot", 1.0)


def test_the_encoded_frame_equals_the_dictionary(clock):
    built = frame(reported(clock, cpu_percent=90.0, latencies=(10.0,)), reported(clock, "n2"))
    for view in (View(), View(limit=1), View(search="nobody")):
        assert json.loads(built.for_view(view).text) == built.as_dict(view)


def test_the_fleets_counts_are_added_and_its_uptime_is_the_longest(clock):
    one, other = reported(clock, "n1"), reported(clock, "n2")
    one.server |= {"uptime_seconds": 500.0, "bytes_sent": 10, "errors": 2}
    other.server |= {"uptime_seconds": 900.0, "bytes_sent": 20, "errors": 1}
    server = fleet([one, other])
    assert (server["active_connections"], server["total_messages"]) == (2, 2)
    assert (server["uptime_seconds"], server["messages_per_second"]) == (900.0, 2.0)
    assert (server["bytes_sent"], server["errors"]) == (30, 3)


def of_clients(clock, node: str, clients: int, *, fps: float = 60.0, latencies: tuple[float, ...] = ()) -> Report:
    """A report of a node with this many clients that all draw at one rate, and whose round trips took this long."""
    monitor = fake_monitor(clock, FakeProbe(), node=node)
    for number in range(clients):
        client_id = f"{node}-{number}"
        monitor.collector.track_client_connection(client_id)
        monitor.collector.track_client_rendered_frames(client_id, fps, 1000 / fps)
        for milliseconds in latencies:
            monitor.collector.track_client_latency(client_id, milliseconds)
    return monitor.reporter.report(ticked(monitor, clock), ALL)


def test_the_fleets_frame_rate_weighs_every_client_the_same(clock):
    assert fleet([of_clients(clock, "n1", 9, fps=60.0), of_clients(clock, "n2", 1, fps=10.0)])["fps"] == 55.0


def test_the_fleets_latency_weighs_every_client_the_same_however_often_it_was_measured(clock):
    fast, slow = of_clients(clock, "n1", 99, latencies=(10.0,)), of_clients(clock, "n2", 1, latencies=(1000.0,) * 99)
    server = fleet([fast, slow])
    assert server["average_latency_ms"] == pytest.approx(19.9)
    assert server["p95_latency_ms"] == pytest.approx(10.0, rel=0.01)
    assert server["p95_latency_ms"] == round(server["p95_latency_ms"], 2)


def test_the_round_trips_of_an_older_release_weigh_the_same(clock):
    new = of_clients(clock, "n1", 1, latencies=(10.0,))
    old = of_clients(clock, "n2", 1)
    old.latency, old.latency_sketch = Gauge(3, 3_000.0, 1_000.0, 1_000.0), Sketch.of([1_000.0] * 3)
    assert fleet([new, old])["p50_latency_ms"] == pytest.approx(1_000, rel=0.01)


def test_a_fleet_without_round_trips_has_no_percentiles(clock):
    server = fleet([reported(clock, "n1"), reported(clock, "n2")])
    assert (server["average_latency_ms"], server["p50_latency_ms"], server["fps"]) == (0.0, None, None)


def test_a_fleets_frame_lists_its_nodes_and_all_their_clients(clock):
    message = frame(reported(clock, "n1"), reported(clock, "n2")).as_dict(View())
    assert [node["node"] for node in message["nodes"]] == ["n1", "n2"]
    assert message["nodes"][0].keys() == {"node", "boot", "host", "clock_skew_seconds", "system", "server", "gauges"}
    assert [shown["node"] for shown in message["clients"]] == ["n1", "n2"]
    assert (message["clients_total"], message["clients_matched"]) == (2, 2)


def test_clients_matched_counts_the_clients_that_the_search_finds(clock):
    view = View(search="n2")
    reports = [reported(clock, node, views=(view,)) for node in ("n1", "n2")]
    message = frame(*reports).as_dict(view)
    assert (message["clients_total"], message["clients_matched"]) == (2, 1)


def test_a_node_that_does_not_know_the_view_yet_shows_no_rows(clock):
    message = frame(reported(clock, "n1"), reported(clock, "n2", views=())).as_dict(View())
    assert [shown["node"] for shown in message["clients"]] == ["n1"]


def test_a_hosts_alert_appears_once_however_many_nodes_report_it(clock):
    reports = [reported(clock, node, cpu_percent=90.0, latencies=(150.0,)) for node in ("n1", "n2")]
    alerts = [(alert["metric"], alert["subject"]) for alert in distinct(reports)]
    assert sorted(alerts) == sorted([("cpu_percent", reports[0].host), ("latency_ms", "n1"), ("latency_ms", "n2")])


def test_an_alert_of_several_nodes_is_the_first_ones_with_the_highest_peak(clock):
    told = {"metric": "cpu_percent", "subject": "h", "value": 90.0, "threshold": 80.0}
    reports = [reported(clock, node) for node in ("n1", "n2", "n3")]
    reports[0].alerts = [{**told, "timestamp": 12.0, "node": "n1", "peak": 99.0}]
    reports[1].alerts = [{**told, "timestamp": 11.0, "node": "n2", "peak": 95.0}]
    reports[2].alerts = [{**told, "timestamp": 13.0, "node": "n3"}]
    assert [(alert["node"], alert["timestamp"], alert["peak"]) for alert in distinct(reports)] == [("n2", 11.0, 99.0)]


def test_a_client_sees_only_itself(clock):
    built = frame(reported(clock, cpu_percent=90.0))
    message = json.loads(built.for_client(ClientMetrics("ada", clock.now), clock.now, "n1").text)
    assert [shown["client_id"] for shown in message["clients"]] == ["ada"]
    assert [alert["metric"] for alert in message["alerts"]] == ["cpu_percent"]
    assert "nodes" not in message


def test_a_client_does_not_see_which_others_are_stale(clock):
    report = reported(clock, cpu_percent=90.0)
    stale = {**report.alerts[0], "metric": "stale_client_seconds", "rule": "stale_client_seconds", "scope": "client"}
    older = {name: value for name, value in stale.items() if name not in ("rule", "scope")}
    group = {**stale, "subject": "n1", "grouped": True, "examples": ["mallory"]}
    report.alerts += [{**stale, "subject": "mallory"}, {**older, "subject": "mallory the second"}, group]
    built = frame(report)
    assert "mallory" in built.for_view(View()).text
    assert "mallory" not in built.for_client(ClientMetrics("ada", clock.now), clock.now, "n1").text


def test_the_history_holds_what_the_frames_showed(clock):
    moment = frame(reported(clock)).moment
    message = json.loads(history([moment], epoch="boot", interval=1.0).text)
    assert message == {"type": "history", "version": 1, "epoch": "boot", "interval": 1.0, "samples": [moment]}
    assert moment.keys() == {"timestamp", "seq", "system", "server"}


def test_unknown_values_are_null_and_not_zero():
    report = Report("n1", "h", 1.0, 1, {"cpu_percent": None}, {"active_connections": 0}, [], Gauge(), Sketch())
    assert json.loads(frame(report).for_view(View()).text)["system"]["cpu_percent"] is None


def test_nodes_that_share_a_name_are_distinguished_everywhere(clock):
    one, other, third = reported(clock, "web:1"), reported(clock, "web:1"), reported(clock, "web:2")
    for report in (one, other, third):
        about = {"metric": "latency_ms", "node": report.node, "severity": "warning", "timestamp": 1.0, "value": 90.0}
        report.alerts = [{**about, "subject": report.node}, {**about, "metric": "cpu_percent", "subject": "host"}]
    message = frame(one, other, third).as_dict(View())
    names = [f"web:1#{one.boot[:4]}", f"web:1#{other.boot[:4]}", "web:2"]
    assert [node["node"] for node in message["nodes"]] == names
    assert sorted(row["node"] for row in message["clients"]) == sorted(names)
    assert [alert["subject"] for alert in message["alerts"] if alert["metric"] == "latency_ms"] == names
    assert len([alert for alert in message["alerts"] if alert["metric"] == "cpu_percent"]) == 1


def test_a_node_reports_how_far_its_hosts_clock_is_off(clock):
    one, other = reported(clock, "n1"), reported(clock, "n2")
    other.clock_skew_seconds = -5.04
    nodes = frame(one, other).as_dict(View())["nodes"]
    assert [node["clock_skew_seconds"] for node in nodes] == [None, -5.0]
