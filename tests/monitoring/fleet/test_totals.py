import logging

import msgspec

from monitoring.core.meter import Cost
from monitoring.core.metrics import ServerMetrics
from monitoring.core.stats.sample import COUNTERS, SKETCHES, Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.wire.other_formats import SaidOnce
from monitoring.fleet import totals
from monitoring.fleet.totals import NodeTotals, ServerTotals, key_of
from tests.monitoring.batches import NESTED


def node(name: str = "web:1", **more) -> NodeTotals:
    return NodeTotals(
        **{"node": name, "boot": f"boot-of-{name}", "host": "web", "build": {}, "started_at": 5.0, **more}
    )


def written(redis, one: NodeTotals, *, seconds_ago: float = 0.0) -> None:
    seconds, microseconds = redis.time()
    one.written_at = seconds + microseconds / 1e6 - seconds_ago
    redis.hset(key_of("test"), one.boot, msgspec.msgpack.encode(one))


def names(redis) -> list[str]:
    return [one.node for one in totals.read(redis)]


def test_samples_are_added_up():
    one = node()
    sample = Sample(
        0, messages=2, bytes_sent=5, connects=1, latency_ms=Gauge.of(20.0), latency_sketch=Sketch.of([20.0])
    )
    for _ in range(3):
        one.add(sample)
    assert (one.messages, one.bytes_sent, one.connects, one.disconnects) == (6, 15, 3, 0)
    assert (one.latency_ms, one.latency_sketch.count) == (60.0, 3)


def test_all_that_a_sample_counts_is_added():
    sample = Sample(0, **{name: number for number, name in enumerate(COUNTERS, start=1)})
    for number, name in enumerate(SKETCHES, start=1):
        setattr(sample, name, Sketch.of([5.0] * number))
    one = node()
    one.add(sample)
    one.add(sample)
    for name in (*COUNTERS, *SKETCHES):
        assert getattr(one, name) == getattr(sample + sample, name), name


def test_adding_leaves_the_sample_unchanged():
    sample = Sample(0, frame_time_sketch=Sketch.of([16.0]))
    one = node()
    one.add(sample)
    one.add(sample)
    assert sample.frame_time_sketch.count == 1


def test_written_totals_are_read(redis):
    written(redis, node(messages=7, latency_sketch=Sketch.of([1.0, 2.0])))
    (found,) = totals.read(redis)
    assert (found.messages, found.latency_sketch) == (7, Sketch.of([1.0, 2.0]))


OLDER_SERVER = {
    "uptime_seconds": 61.0, "active_connections": 5, "total_messages": 70, "messages_per_second": 1.5,
    "average_latency_ms": 0.0, "p50_latency_ms": None, "p95_latency_ms": None, "p99_latency_ms": None, "fps": 58.5,
    "bytes_sent": 7, "bytes_received": 8, "errors": 1, "paused_reads": 2, "closed_slow": 3, "refused_messages": 4,
    "refused": {"origin": 6}, "sessions_left_out": 0, "viewers": 2, "skipped_frames": 9, "journal": None,
    "monitor": {
        "cpu_ms": 0.5, "cpu_percent": 0.05, "budget_percent": 1.0, "tick_lag_ms": None, "loop_lag_ms": 0.25,
        "bytes_broadcast": 10, "interval": 1.0, "stretched": False,
    },
}  # fmt: skip
"""What releases send that kept a node's part of its last frame here."""


def test_the_server_of_an_older_release_is_read():
    older = msgspec.to_builtins(node(), builtin_types=(bytes,)) | {"server": OLDER_SERVER}
    server = totals.decode(msgspec.msgpack.encode(older)).server
    assert (server.active_connections, server.fps, server.refused, server.viewers) == (5, 58.5, {"origin": 6}, 2)
    assert (server.monitor.loop_lag_ms, server.monitor.tick_lag_ms) == (0.25, None)


def test_an_older_release_finds_the_server_by_the_same_keys():
    server = ServerTotals.of(
        ServerMetrics(61.0, 5, 70, 1.5, 0.0, None, None, None, 58.5, 7, 8),
        Cost(interval=1.0),
        viewers=2,
        skipped_frames=9,
    )
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(node(server=server)))["server"]
    assert sent.keys() <= OLDER_SERVER.keys()
    assert sent["monitor"].keys() == OLDER_SERVER["monitor"].keys()
    assert (sent["active_connections"], sent["viewers"], sent["errors"]) == (5, 2, 0)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(node()))["server"] == {}


def test_nodes_are_read_in_order_of_their_names(redis):
    for name in ("web:2", "app:1", "web:1"):
        written(redis, node(name))
    assert names(redis) == ["app:1", "web:1", "web:2"]


def test_a_node_that_has_not_written_for_a_minute_is_gone(redis):
    written(redis, node("dead:1"), seconds_ago=61)
    written(redis, node("slow:1"), seconds_ago=55)
    assert names(redis) == ["slow:1"]
    assert redis.hkeys(key_of("test")) == [b"boot-of-slow:1"]


def test_anything_but_totals_is_deleted(redis):
    redis.hset(key_of("test"), mapping={"odd:1": b"\xff not msgpack", "odd:2": NESTED})
    assert names(redis) == []
    assert not redis.exists(key_of("test"))


def test_another_releases_totals_are_skipped_but_not_deleted_and_this_is_logged_once(redis, caplog, monkeypatch):
    monkeypatch.setattr(totals, "said", SaidOnce(logging.getLogger("test")))
    written(redis, node("new:1", version=totals.VERSION + 1))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert names(redis) == []
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("The totals of boot boot-of-new:1: they are skipped: their version is 2, ")
    assert redis.hexists(key_of("test"), "boot-of-new:1")


def test_deeply_nested_totals_are_skipped(redis):
    written(redis, node("deep:1"))
    data = redis.hget(key_of("test"), "boot-of-deep:1")
    assert data[0] == 0xDE  # a map with two bytes of length
    redis.hset(key_of("test"), "boot-of-deep:1", data[:2] + bytes([data[2] + 1]) + data[3:] + NESTED[1:])
    assert names(redis) == []


def test_an_empty_fleet_has_no_totals(redis):
    assert totals.read(redis) == []
