"""While the database accepts nothing, the journal keeps everything; the live page does not notice."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults.load import Load, Watcher
from tests.faults.stack import Stack, running_stack
from tests.postgres import new_database, running_postgres
from tests.site import eventually

pytestmark = pytest.mark.faults

SQLITE_WAITS = 20
LONGEST_GAP = 2.5


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Another connection writes and does not commit."""
    with closing(sqlite3.connect(stack.database, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def away(url: str, database: str) -> Iterator[None]:
    """PostgreSQL disconnects everybody and refuses new connections."""
    name = urlsplit(database).path.strip("/")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_while_postgresql_is_away_nothing_is_lost(tmp_path):
    with (
        running_postgres() as url,
        new_database(url) as database,
        running_stack(tmp_path, DATABASE_URL=database) as stack,
    ):
        worker = stack.worker()
        stack.beat()
        stack.daphne()
        with Watcher(stack, stack.sign_in()) as watcher, Load(stack) as load:
            eventually(stack.messages, seconds=30, what="avatars are heard")
            with away(url, database):
                eventually(lambda: "not currently accepting connections" in stack.log_of(worker), seconds=40)
                time.sleep(5)
            sent = load.stop()
            stack.stores(sent, seconds=60)
            assert watcher.longest_gap < LONGEST_GAP


def test_while_the_database_is_locked_for_long_nothing_is_lost(stack):
    worker = stack.worker()
    stack.beat()
    stack.daphne()
    with Watcher(stack, stack.sign_in()) as watcher, Load(stack) as load:
        eventually(stack.messages, seconds=30, what="avatars are heard")
        with locked(stack):
            eventually(lambda: "database is locked" in stack.log_of(worker), seconds=SQLITE_WAITS + 10)
            time.sleep(2)
        sent = load.stop()
        stack.stores(sent, seconds=40)
        assert watcher.longest_gap < LONGEST_GAP
