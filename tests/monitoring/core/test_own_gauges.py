import asyncio
import logging
import math

import msgspec
import pytest

from monitoring.core.own_gauges import MOST_GAUGES, GaugeReading, of_fleet
from tests.fakes import ticked


def orders() -> float:
    return 12.0


def levels(tick) -> dict[str, float | None]:
    return {name: level.average for name, level in tick.sample.gauges.items()}


def test_each_tick_reads_a_gauge_once(monitor, clock):
    values = iter([3, 5.5, None])
    monitor.gauge("orders_waiting", lambda: next(values), unit="orders", label="Orders")
    assert [levels(ticked(monitor, clock)) for _ in range(3)] == [{"orders_waiting": 3}, {"orders_waiting": 5.5}, {}]


def test_a_tick_says_what_people_call_its_gauges(monitor, clock):
    monitor.gauge("orders_waiting", orders, unit="orders", added=True)
    monitor.gauge("cache_hits", lambda: None, label="Hits")
    assert ticked(monitor, clock).gauges == [
        GaugeReading("orders_waiting", "Orders waiting", "orders", True, 12.0),
        GaugeReading("cache_hits", "Hits"),
    ]


def test_without_gauges_a_sample_has_none(monitor, clock):
    tick = ticked(monitor, clock)
    assert (tick.gauges, tick.sample.gauges) == ([], {})


def test_after_a_long_interval_a_reading_counts_for_each_of_its_seconds(monitor, clock):
    monitor.gauge("orders_waiting", orders)
    level = ticked(monitor, clock, 4).sample.gauges["orders_waiting"]
    assert (level.count, level.sum, level.min, level.max) == (4, 48, 12, 12)


def test_the_same_name_again_replaces_the_function(monitor, clock):
    monitor.gauge("orders_waiting", orders)
    monitor.gauge("orders_waiting", lambda: 1)
    assert levels(ticked(monitor, clock)) == {"orders_waiting": 1}


@pytest.mark.parametrize("value", ["many", math.nan, -math.inf, 1e200, [], asyncio.Event])
def test_what_is_not_a_number_is_a_failure_and_unknown(monitor, clock, value):
    monitor.gauge("orders_waiting", lambda: value)
    tick = ticked(monitor, clock)
    assert (levels(tick), tick.gauges[0].value, tick.server.errors) == ({}, None, 1)


def test_a_function_that_raises_is_counted_each_time_and_logged_once_until_it_works(monitor, clock, caplog):
    works = [False, False, False, True]

    def read() -> float:
        if not works.pop(0):
            raise RuntimeError("no connection")
        return 1.0

    monitor.gauge("orders_waiting", read)
    monitor.gauge("cache_hits", orders)
    found = [levels(ticked(monitor, clock)) for _ in range(3)]
    assert found == [{"cache_hits": 12}] * 3
    assert monitor.collector.rescue.errors == 3
    assert [record.getMessage() for record in caplog.records] == [
        "PerformanceMonitor: reading the gauge orders_waiting failed"
    ]
    assert levels(ticked(monitor, clock)) == {"orders_waiting": 1, "cache_hits": 12}


def test_a_slow_function_is_named_in_the_log(monitor, clock, caplog):
    monitor.own_gauges._clock = clock

    def read() -> float:
        clock.advance(0.2)
        return 1.0

    monitor.gauge("orders_waiting", read)
    with caplog.at_level(logging.WARNING):
        ticked(monitor, clock)
        ticked(monitor, clock)
    [record] = caplog.records
    assert record.getMessage() == "The gauge orders_waiting took 200 ms, in which every connection waited"


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("Orders", {}, "gauge 'Orders': must be small letters, digits and underscores, at most 64, beginning with"),
        ("9lives", {}, "gauge '9lives': must be small letters"),
        ("a" * 65, {}, "must be small letters"),
        ("orders\n", {}, "must be small letters"),
        ("cpu_percent", {}, "gauge cpu_percent: must be another name, because a metric of the monitor has this one"),
        ("messages_per_second", {}, "must be another name"),
        ("p95_latency_ms", {}, "must be another name"),
        ("orders", {"label": "x" * 65}, "gauge orders: label='x"),
        ("orders", {"unit": "a\nb"}, r"gauge orders: unit='a\\nb': must be printable, at most 16 characters"),
    ],
)
def test_what_is_not_allowed_is_named(monitor, name, options, expected):
    with pytest.raises(ValueError, match=expected):
        monitor.gauge(name, orders, **options)


def test_a_function_that_would_have_to_be_awaited_is_refused(monitor):
    async def read() -> float:
        return 1.0

    with pytest.raises(TypeError, match=r"^gauge orders: the function must be a plain function, got <function"):
        monitor.gauge("orders", read)


def test_a_node_has_at_most_fifty(monitor):
    for number in range(MOST_GAUGES):
        monitor.gauge(f"gauge_{number}", orders)
    monitor.gauge("gauge_1", orders)
    with pytest.raises(ValueError, match=r"^gauge one_more: a node has at most 50 gauges"):
        monitor.gauge("one_more", orders)


def test_the_fleet_adds_or_averages_what_is_known():
    def node(orders: float | None, hits: float | None) -> list[GaugeReading]:
        return [GaugeReading("orders", added=True, value=orders), GaugeReading("hits", value=hits)]

    def whole(*nodes: list[GaugeReading]) -> list[float | None]:
        return [reading.value for reading in of_fleet(nodes)]

    assert whole(node(3, 50), node(4, 100)) == [7, 75]
    assert whole(node(3, None), node(None, 100), []) == [3, 100]
    assert whole(node(None, None)) == [None, None]


def test_viewers_get_them_and_avatars_do_not(monitor, clock):
    monitor.gauge("orders_waiting", lambda: 2 / 3, unit="orders")
    tick = ticked(monitor, clock)
    message = monitor.get_current_metrics()
    shown = {"name": "orders_waiting", "label": "Orders waiting", "unit": "orders", "value": 0.666667}
    assert message["gauges"] == [shown]
    assert message["nodes"][0]["gauges"] == {"orders_waiting": 2 / 3}
    report = monitor.reporter.report(tick, [])
    frame = monitor.reporter.frame([report])
    monitor.collector.track_client_connection("avatar-1")
    public = msgspec.json.decode(monitor.reporter.for_client(frame, "avatar-1").text)
    assert "gauges" not in public
    assert frame.past["gauges"] == {"orders_waiting": 0.666667}


def test_each_tick_stores_the_event_loop_s_lag(monitor, clock):
    monitor.meter.loop_came_late(0.025)
    assert ticked(monitor, clock).sample.loop_lag_ms.max == 25
    assert ticked(monitor, clock).sample.loop_lag_ms.count == 0


def test_only_levels_of_a_sample_are_measured(monitor):
    with pytest.raises(ValueError, match=r"^field=messages: must be one of connections, "):
        monitor.own_gauges.measure("messages", orders)
