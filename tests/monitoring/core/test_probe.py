import pytest

from monitoring.core import probe as module
from monitoring.core.cgroup import CpuLimit, MemoryLimit
from monitoring.core.host import OpenFile
from monitoring.core.probe import FIRST, LimitedHost, NoProbe, PsutilHost, SystemProbe, default_host
from tests.fakes import FakeClock, FakeHost
from tests.waiting import until

MB = 1024 * 1024
VALUES = ("cpu_percent", "memory_percent", "memory_used_mb", "memory_total_mb", "network_sent_mb", "network_recv_mb")


@pytest.fixture
def host():
    return FakeHost(
        cpu_busy=100.0,
        cpu_total=400.0,
        memory_used=1024 * MB,
        memory_total=4096 * MB,
        network_sent=3 * MB,
        network_recv=5 * MB,
    )


def test_a_reading_is_in_percent_and_megabytes(host):
    metrics = SystemProbe(host).read(7.0)
    assert (metrics.timestamp, metrics.memory_percent, metrics.reason) == (7.0, 25.0, FIRST)
    assert (metrics.memory_used_mb, metrics.memory_total_mb) == (1024.0, 4096.0)
    assert (metrics.network_sent_mb, metrics.network_recv_mb) == (3.0, 5.0)


def test_cpu_is_the_share_used_since_the_previous_reading(host):
    probe = SystemProbe(host)
    probe.read(0.0)
    host.set(cpu_busy=101.0, cpu_total=402.0)
    assert probe.read(1.0).cpu_percent == 50.0


def test_two_readings_too_close_together_give_the_same_share(host):
    probe = SystemProbe(host)
    probe.read(0.0)
    host.set(cpu_busy=101.0, cpu_total=402.0)
    before = probe.read(1.0).cpu_percent
    host.set(cpu_busy=101.01, cpu_total=402.01)
    assert probe.read(1.01).cpu_percent == before == 50.0


def test_the_first_reading_says_that_its_cpu_is_unknown(host):
    metrics = SystemProbe(host).read(0.0)
    assert (metrics.cpu_percent, metrics.reason) == (None, FIRST)
    assert metrics.memory_percent == 25.0


def test_a_second_reading_that_comes_too_soon_knows_no_more(host):
    probe = SystemProbe(host)
    probe.read(0.0)
    host.set(cpu_busy=100.01, cpu_total=400.01)
    assert probe.read(0.01).cpu_percent is None
    host.set(cpu_busy=100.5, cpu_total=402.0)
    assert probe.read(1.0).cpu_percent == 25.0


def test_after_readings_without_cpu_times_it_starts_over(host):
    probe = SystemProbe(host)
    probe.read(0.0)
    host.set(cpu_busy=None, cpu_total=None, reasons=("cpu: denied",))
    metrics = probe.read(1.0)
    assert (metrics.cpu_percent, metrics.memory_percent, metrics.reason) == (None, 25.0, "cpu: denied")
    host.set(cpu_busy=120.0, cpu_total=500.0, reasons=())
    assert probe.read(2.0).cpu_percent is None
    host.set(cpu_busy=121.0, cpu_total=502.0)
    assert probe.read(3.0).cpu_percent == 50.0


def test_cpu_stays_between_0_and_100(host):
    probe = SystemProbe(host)
    probe.read(0.0)
    host.set(cpu_busy=110.0, cpu_total=402.0)
    assert probe.read(1.0).cpu_percent == 100.0
    host.set(cpu_busy=105.0, cpu_total=404.0)
    assert probe.read(2.0).cpu_percent == 0.0


@pytest.mark.parametrize(("used", "percent"), [(4097, 100.0), (-1, 0.0)])
def test_memory_stays_between_0_and_100_whatever_its_parts_say(host, used, percent):
    host.set(memory_used=used * MB)
    assert SystemProbe(host).read(0.0).memory_percent == percent


def test_without_psutil_every_value_is_null_with_a_reason(monkeypatch, host):
    monkeypatch.setattr(module, "PSUTIL_AVAILABLE", False)
    metrics = SystemProbe(host).read(7.0)
    assert [getattr(metrics, name) for name in VALUES] == [None] * 6
    assert "pip install psutil" in metrics.reason


def test_switched_off_every_value_is_null_with_a_reason():
    metrics = NoProbe().read(7.0)
    assert [getattr(metrics, name) for name in VALUES] == [None] * 6
    assert "enable_system_metrics=False" in metrics.reason


def limited(host, monkeypatch, *, memory=None, cpu=None, clock=None) -> LimitedHost:
    monkeypatch.setattr(module, "memory_limit", lambda: memory)
    monkeypatch.setattr(module, "cpu_limit", lambda: cpu)
    return LimitedHost(host, clock or FakeClock())


def memory(tmp_path, total: int) -> MemoryLimit:
    (tmp_path / "limit").write_text(f"{total}\n")
    (tmp_path / "usage").write_text(f"{300 * MB}\n")
    (tmp_path / "stat").write_text(f"anon 1\ninactive_file {44 * MB}\n")
    limit, usage, stat = (OpenFile(tmp_path / name) for name in ("limit", "usage", "stat"))
    return MemoryLimit(limit, usage, stat, b"\ninactive_file ")


def test_a_containers_memory_limit_replaces_the_hosts_memory(host, monkeypatch, tmp_path):
    reading = limited(host, monkeypatch, memory=memory(tmp_path, 512 * MB)).read()
    assert (reading.memory_used, reading.memory_total) == (256 * MB, 512 * MB)


def test_a_limit_above_the_hosts_memory_is_ignored(host, monkeypatch, tmp_path):
    assert limited(host, monkeypatch, memory=memory(tmp_path, 9000 * MB)).read() == host.read()


def test_a_containers_cpu_share_is_relative_to_its_quota(host, monkeypatch, tmp_path):
    clock, stat = FakeClock(100.0), tmp_path / "cpu.stat"
    stat.write_text("usage_usec 10000000\n")
    probe = SystemProbe(limited(host, monkeypatch, cpu=CpuLimit(0.5, OpenFile(stat)), clock=clock))
    probe.read(0.0)
    clock.advance(2)
    stat.write_text("usage_usec 10250000\n")
    assert probe.read(2.0).cpu_percent == pytest.approx(25.0)


def test_an_unreadable_limit_leaves_out_only_what_it_limits(host, monkeypatch):
    def denied():
        raise PermissionError("memory.max is denied")

    monkeypatch.setattr(module, "memory_limit", denied)
    monkeypatch.setattr(module, "cpu_limit", lambda: None)
    reading = LimitedHost(host, FakeClock()).read()
    assert (reading.memory_used, reading.memory_total, reading.reasons) == (
        None,
        None,
        ("memory: memory.max is denied",),
    )
    assert (reading.cpu_busy, reading.network_sent) == (100.0, 3 * MB)


def test_psutil_leaves_out_only_what_it_cannot_read(monkeypatch):
    def denied(**_):
        raise PermissionError("/proc/net/dev is denied")

    monkeypatch.setattr(module.psutil, "net_io_counters", denied)
    reading = PsutilHost().read()
    assert (reading.network_sent, reading.network_recv) == (None, None)
    assert reading.reasons == ("network: /proc/net/dev is denied",)
    assert reading.cpu_total > 0 < reading.memory_total


def test_other_systems_use_psutil(monkeypatch):
    monkeypatch.setattr(module.sys, "platform", "darwin")
    assert isinstance(default_host(), PsutilHost)


async def test_this_host_gives_plausible_values():
    probe = SystemProbe()
    probe.read(0.0)
    await until(lambda: probe.read(1.0).cpu_percent is not None)
    metrics = probe.read(2.0)
    assert metrics.reason is None
    assert 0 <= metrics.cpu_percent <= 100
    assert 0 < metrics.memory_used_mb < metrics.memory_total_mb
