from tests.fakes import ticked

FIGURES = {"average", "minimum", "maximum"}


def test_it_gives_average_minimum_and_maximum_of_the_last_ticks(monitor, probe, clock):
    for cpu in (10.0, 20.0, 60.0):
        probe.set(cpu_percent=cpu)
        ticked(monitor, clock)
    summary = monitor.get_performance_summary()
    assert summary["samples"] == 3
    assert summary["cpu_percent"] == {"average": 30.0, "minimum": 10.0, "maximum": 60.0}


def test_before_the_first_tick_everything_is_unknown(monitor):
    summary = monitor.get_performance_summary()
    assert summary["samples"] == 0
    assert summary["cpu_percent"] == dict.fromkeys(FIGURES)


def test_values_that_were_never_read_are_unknown(monitor, probe, clock):
    probe.set(cpu_percent=None)
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["cpu_percent"] == dict.fromkeys(FIGURES)


def test_it_contains_the_current_state_of_the_server(monitor, probe, clock):
    monitor.collector.track_client_connection("ada")
    monitor.collector.track_message()
    probe.set(cpu_percent=90.0)
    ticked(monitor, clock)
    summary = monitor.get_performance_summary()
    assert (summary["active_connections_now"], summary["total_messages"], summary["alerts_firing"]) == (1, 1, 1)
    assert summary["uptime_seconds"] == 1.0
    assert summary["messages_per_second"]["maximum"] == 1.0


def test_an_unmeasured_latency_is_unknown_and_not_zero(monitor, clock):
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["average_latency_ms"] == dict.fromkeys(FIGURES)
    monitor.collector.track_client_latency("ada", 12.0)
    ticked(monitor, clock)
    assert monitor.get_performance_summary()["average_latency_ms"] == dict.fromkeys(FIGURES, 12.0)


def test_only_the_last_sixty_ticks_count(monitor, probe, clock):
    for cpu in (99.0, *[10.0] * 60):
        probe.set(cpu_percent=cpu)
        ticked(monitor, clock)
    summary = monitor.get_performance_summary()
    assert (summary["samples"], summary["cpu_percent"]["maximum"]) == (60, 10.0)
