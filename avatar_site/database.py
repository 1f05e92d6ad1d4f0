"""The database as Django's settings take it: SQLite as it is, PostgreSQL with psycopg's pool."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
INSTALL = 'pip install "psycopg[binary,pool]"'

# IMMEDIATE, because SQLite refuses at once, without waiting, a transaction that reads first and writes later.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}

# Connections of a pool are checked before they are lent, because a restart of the server leaves dead ones in it.
POOL = {"min_size": 1, "max_size": 10, "timeout": 5}


def sqlite_file(database: Mapping[str, Any]) -> Path | None:
    """The file of an entry of DATABASES; None for other kinds, and for what SQLite keeps in memory."""
    name = str(database["NAME"])
    return Path(name) if database["ENGINE"] == SQLITE and Path(name).is_absolute() else None


def tuned(database: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of DATABASES with what each kind needs; other kinds are left alone.

    Raises ImproperlyConfigured with the command that installs what PostgreSQL needs and is missing.
    """
    options = database.get("OPTIONS", {})
    if database["ENGINE"] == SQLITE:
        return {**database, "OPTIONS": SQLITE_OPTIONS | options}
    if database["ENGINE"] != POSTGRESQL:
        return dict(database)
    missing = [name for name in ("psycopg", "psycopg_pool") if find_spec(name) is None]
    if missing:
        raise ImproperlyConfigured(f"DATABASE_URL is PostgreSQL's, but {missing[0]} is missing: {INSTALL}")
    return {
        **database,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "pool": POOL} | options,
    }
