"""Lets one process at a time prepare what several share, such as the tables of an empty database."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from avatar_site.configuration.database import sqlite_file

POLL_SECONDS = 0.2
# Any number works, as long as every version of this site uses the same.
ADVISORY_LOCK = 0x61766174_6172

Say = Callable[[str], object]


@contextmanager
def database_lock(say: Say, directory: Path, alias: str = "default") -> Iterator[None]:
    """Held by one of all processes that use the database: PostgreSQL keeps it itself; other databases use a file.

    `say` gets one line if there is a wait; `directory` holds the file unless SQLite's database has a file of its own.
    """
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with _advisory_lock(say, alias):
            yield
        return
    database = sqlite_file(connection.settings_dict) or directory / "database"
    with file_lock(say, database.with_name(f"{database.name}.lock")):
        yield


@contextmanager
def file_lock(say: Say, path: Path) -> Iterator[None]:
    """Held by one process on this machine, which may end in any way; the path may be a directory's.

    Raises OSError if the file cannot be created.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    try:
        _wait(lambda: _flock(descriptor), say, str(path))
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(say: Say, alias: str) -> Iterator[None]:
    """Uses its own connection and a transaction: poolers between here and the server keep only transactions apart."""
    connection = connections.create_connection(alias)
    try:
        connection.settings_dict = _without_pool(connection)
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            # It is idle for as long as the migrations take.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")

            def taken() -> bool:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
                return bool(cursor.fetchone()[0])

            _wait(taken, say, "the database")
            yield
    finally:
        connection.close()


def _without_pool(connection: BaseDatabaseWrapper) -> dict[str, object]:
    settings = connection.settings_dict
    return {**settings, "OPTIONS": {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}}


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(taken: Callable[[], bool], say: Say, what: str) -> None:
    if taken():
        return
    say(f"Another process is preparing {what}: waiting for it.")
    while not taken():
        time.sleep(POLL_SECONDS)
