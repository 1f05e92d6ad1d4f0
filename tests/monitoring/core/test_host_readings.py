"""As the collector takes them into its samples."""

import pytest

from monitoring.core.collector import MetricsCollector
from monitoring.core.stats.sample import Gauge
from tests.fakes import FakeProbe


def test_a_system_reading_is_returned_and_kept(collector, probe, clock):
    probe.set(cpu_percent=35.2)
    metrics = collector.collect_system_metrics()
    assert (metrics.cpu_percent, metrics.timestamp) == (35.2, clock.now)
    assert list(collector.system_metrics_history) == [metrics]


def test_the_last_sixty_system_readings_are_kept(collector):
    for _ in range(75):
        collector.collect_system_metrics()
    assert len(collector.system_metrics_history) == 60


def test_a_host_that_cannot_be_read_is_null_with_the_reason(collector, probe):
    probe.error = OSError("no /proc")
    metrics = collector.collect_system_metrics()
    assert metrics.cpu_percent is None
    assert metrics.reason == "cannot read the host: no /proc"
    assert collector.get_server_metrics()["errors"] == 1


def test_a_sample_holds_the_hosts_readings_and_network_rates(collector, probe, clock):
    probe.set(cpu_percent=50.0, network_sent_mb=100.0, network_recv_mb=200.0)
    collector.collect_system_metrics()
    clock.advance(2)
    probe.set(cpu_percent=70.0, network_sent_mb=104.0, network_recv_mb=201.0)
    collector.collect_system_metrics()
    sample = collector.take_sample(0, 2)
    assert sample.cpu_percent.average == 60.0
    assert (sample.network_sent_rate.average, sample.network_recv_rate.average) == (2.0, 0.5)


def test_a_network_counter_that_was_reset_gives_no_rate(collector, probe, clock):
    probe.set(network_sent_mb=100.0)
    collector.collect_system_metrics()
    clock.advance(1)
    probe.set(network_sent_mb=1.0)
    collector.collect_system_metrics()
    assert collector.take_sample(0, 1).network_sent_rate.count == 0


def test_a_host_that_is_not_read_leaves_the_sample_empty(collector, probe):
    probe.set(cpu_percent=None, memory_percent=None, memory_used_mb=None, network_sent_mb=None, network_recv_mb=None)
    collector.collect_system_metrics()
    assert collector.take_sample(0, 1).cpu_percent.count == 0


def test_a_reading_that_primes_counts_nowhere_but_tells_the_next_ones_rates(clock):
    probe = FakeProbe(network_sent_mb=5.0, network_recv_mb=6.0)
    collector = MetricsCollector(probe=probe, clock=clock)
    collector.prime()
    clock.advance(2)
    probe.set(network_sent_mb=7.0)
    collector.collect_system_metrics()
    sample = collector.take_sample(0, 1)
    assert (sample.cpu_percent.count, sample.network_sent_rate) == (1, Gauge.of(1.0))


def test_two_readings_at_the_same_moment_tell_no_network_rate(clock):
    probe = FakeProbe(network_sent_mb=5.0)
    collector = MetricsCollector(probe=probe, clock=clock)
    collector.collect_system_metrics()
    clock.advance(0.001)
    probe.set(network_sent_mb=6.0)
    collector.collect_system_metrics()
    assert collector.take_sample(0, 1).network_sent_rate.count == 0
    clock.advance(0.999)
    collector.collect_system_metrics()
    assert collector.take_sample(0, 1).network_sent_rate == Gauge.of(pytest.approx(1.0))


def test_a_reading_without_the_network_tells_no_rate_and_the_next_begins_anew(clock):
    probe = FakeProbe(network_sent_mb=5.0)
    collector = MetricsCollector(probe=probe, clock=clock)
    for sent in (5.0, None, 9.0):
        probe.set(network_sent_mb=sent)
        collector.collect_system_metrics()
        clock.advance(1)
    assert collector.take_sample(0, 1).network_sent_rate.count == 0
