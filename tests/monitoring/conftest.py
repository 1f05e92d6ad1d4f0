import os
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from redis import Redis

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from monitoring import access, redis_connections
from monitoring.access import Limiter
from monitoring.core.collector import MetricsCollector
from monitoring.core.monitor import PerformanceMonitor
from tests.fakes import FakeClock, FakeProbe, fake_monitor
from tests.postgres import new_database


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
    # Emptying it rewrites its append-only file, which a busy disk may delay.
    with redis_connections.connect(settings.REDIS_URL, seconds=10) as client:
        client.flushall()
        client.config_set("maxmemory", "64mb")
    return settings.REDIS_URL


@pytest.fixture
def redis(redis_url) -> Iterator[Redis]:
    """A client of that Redis."""
    with redis_connections.connect(redis_url, seconds=5) as client:
        yield client


@pytest.fixture
def own_database() -> Iterator[dict[str, str]]:
    """The variables of a site with its own empty database, of the kind that this run uses."""
    if connection.vendor == "sqlite":
        yield {}
        return
    with new_database(os.environ["TEST_DATABASE_URL"]) as url:
        yield {"DATABASE_URL": url}


TOKEN = "a-token-of-the-tests-own"


OPERATOR_TOKEN = "the-token-of-an-operator"


@pytest.fixture
def operator(client, settings) -> Client:
    """A client whose every request carries a token that may answer alerts."""
    tokens = {"AVATAR_OPERATOR_TOKENS": OPERATOR_TOKEN}
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, **tokens}
    access.limiter = Limiter()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {OPERATOR_TOKEN}"
    return client


@pytest.fixture
def no_request_is_regained(monkeypatch) -> None:
    """However slow the machine is, a caller has its thirty requests and no more."""
    monkeypatch.setattr(access, "REQUESTS_PER_SECOND", 0.0)


@pytest.fixture
def bearer(settings) -> dict[str, str]:
    """The headers of an API token's holder who has sent no request yet."""
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_API_TOKENS": f"another-token-of-no-use,{TOKEN}"}
    access.limiter = Limiter()
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def caller(client, bearer) -> Client:
    """A client whose every request carries a token."""
    client.defaults["HTTP_AUTHORIZATION"] = bearer["Authorization"]
    return client
