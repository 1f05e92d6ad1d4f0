"""Fixtures that several rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site, running_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with its database and an administrator; nothing runs yet."""
    with running_site(tmp_path) as site:
        site.migrate()
        yield site
