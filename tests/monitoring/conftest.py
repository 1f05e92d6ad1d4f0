from collections.abc import Iterator

import pytest
from redis import Redis

from avatar_site.embedded import EmbeddedValkey
from monitoring import journal
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


@pytest.fixture(scope="session")
def valkey(tmp_path_factory) -> Iterator[EmbeddedValkey]:
    """A real Valkey for all tests of a run."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(valkey, settings) -> str:
    """The URL of an empty Redis, which the settings name too."""
    settings.REDIS_URL = f"unix://{valkey.socket}?db=0"
    # Emptying it rewrites its append-only file, which a busy disk may hold up.
    with journal.connect(settings.REDIS_URL, seconds=10) as client:
        client.flushall()
        client.config_set("maxmemory", "64mb")
    return settings.REDIS_URL


@pytest.fixture
def redis(redis_url) -> Iterator[Redis]:
    """A client of that Redis."""
    with journal.connect(redis_url, seconds=5) as client:
        yield client
