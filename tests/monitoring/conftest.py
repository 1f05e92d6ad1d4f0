import pytest

from monitoring.core.collector import MetricsCollector
from monitoring.core.monitor import PerformanceMonitor
from tests.fakes import FakeClock, FakeProbe, fake_monitor


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def probe() -> FakeProbe:
    return FakeProbe()


@pytest.fixture
def collector(clock, probe) -> MetricsCollector:
    return MetricsCollector(probe=probe, clock=clock)


@pytest.fixture
def monitor(clock, probe) -> PerformanceMonitor:
    return fake_monitor(clock, probe)


@pytest.fixture
def in_memory_layer(settings) -> None:
    """A channel layer within this process."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
