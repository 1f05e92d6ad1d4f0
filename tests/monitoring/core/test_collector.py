import math
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

import pytest

from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics
from monitoring.core.probe import SystemProbe
from monitoring.core.stats.sample import COUNTERS, Gauge


def test_by_default_it_reads_this_host(clock):
    assert isinstance(MetricsCollector(clock=clock)._host.probe, SystemProbe)


def test_a_connection_is_known_by_its_id(collector, clock):
    collector.track_client_connection("ada", path="/ws/", remote="10.0.0.1")
    client = collector.client_metrics["ada"]
    assert (client.connected_at, client.last_message_time, client.message_count) == (clock.now, clock.now, 0)
    assert (client.path, client.remote) == ("/ws/", "10.0.0.1")


def test_a_known_connection_starts_over(collector):
    collector.track_client_connection("ada")
    collector.track_client_message("ada", bytes_recv=5)
    collector.track_client_latency("ada", 5.0)
    collector.track_client_connection("ada")
    assert collector.get_server_metrics()["p50_latency_ms"] is None
    sample = collector.take_sample(0, 1)
    assert collector.client_metrics["ada"].message_count == 0
    assert (sample.connects, sample.disconnects, collector.active_connections) == (2, 1, 1)
    assert [record.ended for record in collector.sessions.take()] == ["", "replaced", ""]


def test_a_message_counts_for_its_client(collector, clock):
    collector.track_client_connection("ada")
    clock.advance(3)
    collector.track_client_message("ada", bytes_sent=1024, bytes_recv=512)
    client = collector.client_metrics["ada"]
    assert (client.message_count, client.bytes_sent, client.bytes_received) == (1, 1024, 512)
    assert (collector.bytes_sent, collector.bytes_received) == (1024, 512)
    assert client.last_message_time == clock.now


def by_calls(collector: MetricsCollector, client_id: str) -> dict[str, Callable[[int], None]]:
    """The public calls, which look the client up."""

    def received(size: int) -> None:
        collector.track_message()
        collector.track_client_message(client_id, bytes_recv=size)

    return {"received": received, "sent": partial(collector.track_client_sent, client_id)}


def by_counters(collector: MetricsCollector, client_id: str) -> dict[str, Callable[[int], None]]:
    """What a connection keeps for its messages."""
    return {"received": collector.counting_received(client_id), "sent": collector.counting_sent(client_id)}


def all_of(client: ClientMetrics) -> dict[str, object]:
    values = {field.name: getattr(client, field.name) for field in fields(client)}
    return {**values, "latency_samples": list(client.latency_samples)}


def counted(**counts: int) -> Counter[str]:
    return Counter(counts)


@pytest.mark.parametrize("way", [by_calls, by_counters])
@pytest.mark.parametrize("client_id", ["ada", "beyond the limit"])
@pytest.mark.parametrize(
    ("events", "server", "client", "active_at"),
    [
        ([], counted(), counted(), 0),
        (["received 5"], counted(messages=1, bytes_received=5), counted(message_count=1, bytes_received=5), 1),
        (["received 0"], counted(messages=1), counted(message_count=1), 1),
        (["sent 7"], counted(messages_sent=1, bytes_sent=7), counted(sent_count=1, bytes_sent=7), 0),
        (
            ["received 5", "received 30", "sent 7"],
            counted(messages=2, bytes_received=35, messages_sent=1, bytes_sent=7),
            counted(message_count=2, bytes_received=35, sent_count=1, bytes_sent=7),
            2,
        ),
        (
            ["sent 7", "sent 1", "received 2"],
            counted(messages=1, bytes_received=2, messages_sent=2, bytes_sent=8),
            counted(message_count=1, bytes_received=2, sent_count=2, bytes_sent=8),
            3,
        ),
    ],
)
def test_both_ways_of_counting_messages_count_the_same(probe, clock, way, client_id, events, server, client, active_at):
    collector = MetricsCollector(probe=probe, clock=clock, max_clients=1)
    for one in ("ada", "beyond the limit"):
        collector.track_client_connection(one)
    began = clock.now
    count = way(collector, client_id)
    for event in events:
        clock.advance(1)
        kind, size = event.split()
        count[kind](int(size))
    totals = collector.total_messages, collector.bytes_received, collector.bytes_sent
    assert totals == (server["messages"], server["bytes_received"], server["bytes_sent"])
    sample = collector.take_sample(0, 1)
    expected = {**dict.fromkeys(COUNTERS, 0), "connects": 2, **server}
    assert {name: getattr(sample, name) for name in COUNTERS} == expected
    known = ClientMetrics("ada", began, last_message_time=began)
    if client_id == "ada":
        sent_at = began if client.get("bytes_sent") else 0.0
        known = replace(known, **client, last_message_time=began + active_at, last_sent_time=sent_at)
    assert all_of(collector.client_metrics["ada"]) == all_of(known)


def test_a_sent_message_is_not_activity_of_the_client(collector, clock):
    collector.track_client_connection("ada")
    connected = clock.now
    clock.advance(3)
    collector.track_client_sent("ada", 100)
    client = collector.client_metrics["ada"]
    assert (client.bytes_sent, client.message_count, client.last_message_time) == (100, 0, connected)


def test_a_round_trip_counts_for_its_client_and_the_server(collector):
    collector.track_client_connection("ada")
    collector.track_client_latency("ada", latency_ms=25.5)
    assert collector.client_metrics["ada"].average_latency_ms == 25.5
    assert collector.get_server_metrics()["average_latency_ms"] == 25.5


@pytest.mark.parametrize("latency_ms", [-1.0, math.nan, math.inf, 1e300])
def test_impossible_round_trips_are_ignored(collector, latency_ms):
    collector.track_client_connection("ada")
    collector.track_client_latency("ada", latency_ms)
    assert len(collector.client_metrics["ada"].latency_samples) == 0
    assert collector.get_server_metrics()["p99_latency_ms"] is None


def test_the_servers_frame_rate_is_the_average_of_the_clients_that_report(collector):
    for client_id, fps in (("ada", 60.0), ("bob", 30.0)):
        collector.track_client_connection(client_id)
        collector.track_client_rendered_frames(client_id, fps, 1000 / fps)
    collector.track_client_connection("eve")
    assert collector.get_server_metrics()["fps"] == 45.0
    assert collector.take_sample(0, 1).fps.average == 45.0


def test_a_hidden_tab_draws_nothing(collector):
    for client_id in ("ada", "bob"):
        collector.track_client_connection(client_id)
        collector.track_client_rendered_frames(client_id, 60.0, 16.7, low_fps=31.0, long_frames=2)
        collector.take_sample(0, 1)
    collector.track_client_rendered_frames("bob", 60.0, 16.7, low_fps=60.0, long_frames=0, hidden=True)
    ada, bob = collector.client_metrics["ada"], collector.client_metrics["bob"]
    assert (ada.hidden, ada.fps, ada.frame_time_ms, ada.low_fps, ada.long_frames) == (False, 60.0, 16.7, 31.0, 2)
    assert (bob.hidden, bob.fps, bob.frame_time_ms, bob.low_fps, bob.long_frames) == (True, None, None, None, 2)
    sample = collector.take_sample(1, 1)
    assert (sample.fps.count, sample.frame_time_sketch.count) == (1, 1)
    collector.track_client_rendered_frames("ada", 60.0, 16.7, hidden=True)
    assert collector.get_server_metrics()["fps"] is None


def test_a_client_that_leaves_takes_its_latency_and_frame_rate_with_it(collector):
    collector.track_client_connection("ada")
    collector.track_client_latency("ada", 500.0)
    collector.track_client_rendered_frames("ada", 60.0, 16.7)
    collector.take_sample(0, 1)
    collector.remove_client("ada")
    metrics = collector.get_server_metrics()
    assert (metrics["p50_latency_ms"], metrics["fps"]) == (None, None)
    assert collector.take_sample(1, 1).latency_ms.count == 0


def test_with_rationed_pings_a_latency_holds_for_two_periods(collector, clock):
    collector.ping_period = lambda: 15.0
    collector.track_client_latency("ada", 500.0)
    for second in range(31):
        clock.advance(1)
        collector.take_sample(second, 1)
        if second < 30:
            assert collector.get_server_metrics()["average_latency_ms"] == 500.0
    assert collector.get_server_metrics()["p99_latency_ms"] is None


def test_clients_that_were_sent_away_are_not_counted_as_none(collector):
    collector.track_client_connection("ada")
    collector.take_sample(0, 1)
    collector.is_leaving = True
    collector.remove_client("ada")
    assert collector.take_sample(1, 1).connections == Gauge()
    collector.is_leaving = False
    assert collector.take_sample(2, 1, last=True).connections == Gauge()
    assert collector.take_sample(3, 1).connections == Gauge.of(0)


def test_a_removed_client_is_gone(collector):
    collector.track_client_connection("ada")
    collector.remove_client("ada", close_code=1000, ended="client closed")
    assert collector.client_metrics == {}
    assert collector.active_connections == 0
    record = collector.sessions.take()[-1]
    assert (record.ended, record.close_code) == ("client closed", 1000)


def test_unknown_clients_raise_nothing_and_leave_nothing(collector):
    collector.track_client_message("nobody", 1, 1)
    collector.track_client_sent("nobody", 1)
    collector.track_client_latency("nobody", 1.0)
    collector.track_client_rendered_frames("nobody", 60.0, 16.7)
    collector.remove_client("nobody")
    assert collector.client_metrics == {}
    assert collector.take_sample(0, 1).disconnects == 0


def test_clients_beyond_the_limit_count_only_in_the_totals(clock, probe):
    collector = MetricsCollector(probe=probe, clock=clock, max_clients=2)
    for client_id in "abc":
        collector.track_client_connection(client_id)
        collector.track_client_message(client_id, bytes_recv=10)
    assert sorted(collector.client_metrics) == ["a", "b"]
    assert (collector.active_connections, collector.bytes_received) == (3, 30)
    collector.remove_client("c")
    assert collector.active_connections == 2
    assert collector.take_sample(0, 1).disconnects == 1


def test_server_metrics_have_spec_s_keys(collector, clock):
    clock.advance(10)
    collector.track_message()
    metrics = collector.get_server_metrics()
    assert metrics["uptime_seconds"] == 10.0
    assert metrics["total_messages"] == 1
    assert {"active_connections", "messages_per_second", "average_latency_ms"} <= metrics.keys()


def test_a_sample_holds_the_counts_since_the_previous_one(collector):
    collector.track_client_connection("ada")
    for _ in range(3):
        collector.track_message()
        collector.track_client_message("ada", bytes_recv=10)
    collector.track_client_sent("ada", 7)
    first, second = collector.take_sample(60, 1), collector.take_sample(61, 1)
    assert (first.start, first.seconds, first.messages, first.messages_sent) == (60, 1, 3, 1)
    assert (first.bytes_received, first.bytes_sent, first.connects) == (30, 7, 1)
    assert (second.messages, second.bytes_received, second.bytes_sent, second.connects) == (0, 0, 0, 0)
    assert first.connections.average == second.connections.average == 1


def test_each_interval_reads_the_message_rate_once(collector):
    for _ in range(17):
        collector.track_message()
    assert collector.take_sample(0, 1).message_rate == Gauge.of(17.0)
    assert collector.take_sample(1, 0).message_rate.count == 0


def test_a_level_counts_for_each_second_of_its_interval(collector, probe):
    collector.track_client_connection("ada")
    collector.collect_system_metrics()
    assert collector.take_sample(0, 1).connections == Gauge.of(1)
    collector.collect_system_metrics()
    sample = collector.take_sample(1, 4)
    assert (sample.connections, sample.cpu_percent) == (Gauge(4, 4, 1, 1), Gauge(4, 40, 10, 10))


@pytest.mark.parametrize("report", [(math.nan, 16.0), (math.inf, 16.0), (60.0, math.inf), (60.0, math.nan), (-1, 16.0)])
def test_impossible_reports_are_ignored(collector, report):
    collector.track_client_connection("ada")
    collector.track_client_rendered_frames("ada", *report)
    sample = collector.take_sample(0, 1)
    assert (sample.fps.count, sample.frame_time_sketch.count, collector.client_metrics["ada"].fps) == (0, 0, None)


@pytest.mark.parametrize("long_frames", [-1, 10**300])
def test_a_report_of_impossibly_many_long_frames_is_ignored(collector, long_frames):
    collector.track_client_connection("ada")
    collector.track_client_rendered_frames("ada", 60.0, 16.0, long_frames=long_frames)
    assert collector.client_metrics["ada"].long_frames is None


def test_throughput_covers_the_last_whole_interval(collector, clock):
    for _ in range(17):
        collector.track_message()
    clock.advance(2)
    collector.take_sample(0, 2)
    collector.track_message()
    assert collector.get_server_metrics()["messages_per_second"] == 8.5


def test_throughput_before_the_first_sample_covers_the_time_since_the_start(collector, clock):
    for _ in range(10):
        collector.track_message()
    clock.advance(4)
    assert collector.get_server_metrics()["messages_per_second"] == 2.5


def test_latency_covers_the_last_ten_seconds(collector, clock):
    collector.track_client_latency("ada", 500.0)
    for _ in range(9):
        clock.advance(1)
        collector.take_sample(0, 1)
    assert collector.get_server_metrics()["average_latency_ms"] == 500.0
    for _ in range(2):
        clock.advance(1)
        collector.take_sample(0, 1)
    assert collector.get_server_metrics()["average_latency_ms"] == 0.0
    assert collector.get_server_metrics()["p99_latency_ms"] is None


def test_percentiles_are_within_one_percent(collector):
    for milliseconds in range(1, 101):
        collector.track_client_latency("ada", float(milliseconds))
    metrics = collector.get_server_metrics()
    assert metrics["p50_latency_ms"] == pytest.approx(50, rel=0.011)
    assert metrics["p99_latency_ms"] == pytest.approx(99, rel=0.011)
