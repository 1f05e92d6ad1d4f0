"""Fixtures that several rooms share, and how hypothesis tries examples in all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, Phase, settings

from tests.site import Site, running_site

# The duration of an example says something about the machine, not about the code.
settings.register_profile("site", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For `make mutants`, which only asks whether a test fails, not by which simplest example.
settings.register_profile(
    "mutants", settings.get_profile("site"), phases=[Phase.explicit, Phase.generate], database=None
)
settings.load_profile("site")


@pytest.fixture(autouse=True)
def language_of_no_reader() -> Iterator[None]:
    """A request activates its reader's language in this thread, where Django leaves it."""
    yield
    translation.deactivate()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with its database and an administrator; nothing runs yet."""
    with running_site(tmp_path) as site:
        site.migrate()
        yield site
