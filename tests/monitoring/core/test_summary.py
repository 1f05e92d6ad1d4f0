from tests.fakes import ticked

FIGURES = {"average", "minimum", "maximum"}


def test_it_gives_average_minimum_and_maximum_of_the_last_ticks(monitor, probe, clock):
    for cpu in (10.0, 20.0, 60.0):
        probe.set(cpu_percent=cpu)
        ticked(monitor, clock)
    summary = monitor.get_performance_summary()
    assert summary["samples"] == 3
    assert summary["cpu_percent"] == {"average": 30.0, "minimum": 10.0, "maximum": 60.0}


def test_before_the_first_tick_all_is_unknown(monitor):
    summary = monitor.get_performance_summary()
    assert summary["samples"] == 0
    assert summary["cpu_percent"] == dict.fromkeys(FIGURES)


def test_what_was_never_read_is_unknown(monitor, probe, clock):
    probe.set(cpu_percent=None)
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["cpu_percent"] == dict.fromkeys(FIGURES)


def test_it_says_how_the_server_is_now(monitor, probe, clock):
    monitor.collector.track_client_connection("ada")
    monitor.collector.track_message()
    probe.set(cpu_percent=90.0)
    ticked(monitor, clock)
    summary = monitor.get_performance_summary()
    assert (summary["active_connections_now"], summary["total_messages"], summary["alerts_firing"]) == (1, 1, 1)
    assert summary["uptime_seconds"] == 1.0
    assert summary["messages_per_second"]["maximum"] == 1.0


def test_a_latency_that_nobody_measured_is_unknown_and_no_zero(monitor, clock):
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["average_latency_ms"] == dict.fromkeys(FIGURES)
    monitor.collector.track_client_latency("ada", 12.0)
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["average_latency_ms"] == dict.fromkeys(FIGURES, 12.0)
