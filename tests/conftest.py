"""Fixtures that several rooms share, the order of a run, and how hypothesis tries examples in all of them."""

import gc
import os
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from django.utils import translation
from hypothesis import HealthCheck, Phase, settings

from tests.running_order import in_running_order
from tests.site import Site, running_site

# Where the environment says that no bytecode is to be written, as images often do, each process of a test would compile
# the project anew, a third of the time that it takes to start, and each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The duration of an example says something about the machine, not about the code.
settings.register_profile("site", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For `make mutants`, which only asks whether a test fails, not by which simplest example.
settings.register_profile(
    "mutants", settings.get_profile("site"), phases=[Phase.explicit, Phase.generate], database=None
)
settings.load_profile("site")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives as long as the run: looking through it for garbage takes a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_running_order(items)


@pytest.fixture(autouse=True)
def language_of_no_reader() -> Iterator[None]:
    """A request activates its reader's language in this thread, where Django leaves it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def timers_end_with_their_test() -> Iterator[None]:
    """How many more lines of a kind there were is logged after a minute, which another test would find in its log."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()


@pytest.fixture(autouse=True)
def no_connection_outlives_its_test() -> Iterator[None]:
    """Django never closes a connection to a database in memory. One that stays in the thread of asynchronous code is
    looked at there by the next test, which may not touch any database."""
    yield
    SyncToAsync.single_thread_executor.submit(_end_connections).result(60)


def _end_connections() -> None:
    for wrapper in connections.all(initialized_only=True):
        if wrapper.connection is not None:
            wrapper.connection.close()  # not the wrapper's, which does nothing in memory
        del connections[wrapper.alias]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with its database and an administrator; nothing runs yet."""
    with running_site(tmp_path) as site:
        site.migrate()
        yield site
