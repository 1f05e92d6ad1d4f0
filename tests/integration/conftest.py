from collections.abc import Iterator
from pathlib import Path

import pytest

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from tests.site import Site, running_site


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey that outlives the servers of a test."""
    server = EmbeddedValkey(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shared(tmp_path: Path, valkey) -> Iterator[Site]:
    """A site with its database, an administrator and that Valkey; nothing runs yet."""
    with running_site(tmp_path, REDIS_URL=f"unix://{valkey.socket}?db=0") as site:
        site.migrate()
        yield site
