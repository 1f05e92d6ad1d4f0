"""The database entries for Django's settings: SQLite, and PostgreSQL with psycopg's pool."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from avatar_site.configuration.service_urls import encoded
from monitoring.parsers import parse_variable, presentable
from monitoring.unmigrated import lacks_tables, reason

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
INSTALL = 'pip install "psycopg[binary,pool]"'

ALLOWED = "a URL such as postgres://user:password@host/name or sqlite:////absolute/path"
SQLITE_PREFIX = "sqlite:///"

# IMMEDIATE, because SQLite refuses a transaction that reads first and writes later at once, without waiting.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}

OPTIONS_OF_DJANGO = {"assume_role", "isolation_level", "server_side_binding"}

# Connections are checked before use, because a restart of the server leaves dead ones in the pool.
POOL = {"min_size": 1, "max_size": 10, "timeout": 5}


def database(url: str, base: Path, default: Path) -> dict[str, Any]:
    """The database in DATABASE_URL, or else the SQLite file `default`; a relative file is relative to `base`.

    Raises ImproperlyConfigured for a URL that names no database.
    """

    def parse(text: str) -> dict[str, Any]:
        if text.startswith(SQLITE_PREFIX):
            return _sqlite_file(text.removeprefix(SQLITE_PREFIX), base)
        scheme = text.partition("://")[0]
        if scheme not in environ.Env.DB_SCHEMES or scheme == "sqlite":
            raise ValueError(ALLOWED)
        try:
            found: dict[str, Any] = environ.Env.db_url_config(encoded(text))
        except ValueError as error:
            raise ValueError(ALLOWED) from error
        if not found["NAME"]:
            raise ValueError(ALLOWED)
        _check_driver(found["ENGINE"], text)
        return found

    return parse_variable("DATABASE_URL", url, parse) if url else {"ENGINE": SQLITE, "NAME": str(default)}


def _sqlite_file(path: str, base: Path) -> dict[str, Any]:
    """The path as written, with percent-encoding resolved: it has neither a query nor a fragment."""
    path = unquote(path)
    if not path or "\0" in path or (base / path).is_dir():
        raise ValueError(ALLOWED)
    return {"ENGINE": SQLITE, "NAME": str((base / path).resolve())}


def out_of_reach(error: Exception) -> str:
    """One line that names the database and why it cannot be used."""
    entry = connections["default"].settings_dict
    place = entry["NAME"] if entry["ENGINE"] == SQLITE else f"{entry['NAME']} at {entry['HOST'] or 'its socket'}"
    return f"DATABASE_URL: the database {place} cannot be used ({presentable(_reason(error))})"


def _reason(error: Exception) -> str:
    """What the database says. The pool says only that it waited in vain, so PostgreSQL is asked once more."""
    connection: Any = connections["default"]
    if connection.vendor == "postgresql" and not lacks_tables(error):
        try:
            connection.Database.connect(**connection.get_connection_params()).close()
        except connection.Database.Error as own:
            return reason(own)
    return reason(error)


def _check_driver(engine: str, url: str) -> None:
    """Raises ImproperlyConfigured with one line; Django's own error has two and does not name the variable."""
    if engine in (SQLITE, POSTGRESQL):
        return
    try:
        import_module(f"{engine}.base")
    except (ImportError, ImproperlyConfigured) as error:
        reason = " ".join(str(error).split())
        raise ImproperlyConfigured(f"DATABASE_URL={presentable(url)}: cannot be used ({reason})") from error


def _check_options(options: Mapping[str, Any]) -> None:
    """Raises ImproperlyConfigured for options in the URL that PostgreSQL does not have."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo, timeout_from_conninfo

    own = {name: value for name, value in options.items() if name not in OPTIONS_OF_DJANGO}
    try:
        timeout_from_conninfo(conninfo_to_dict(make_conninfo(**own)))
    except ProgrammingError as error:
        reason = presentable(str(error).strip())
        raise ImproperlyConfigured(f"DATABASE_URL: PostgreSQL does not accept its options ({reason})") from error


def sqlite_file(database: Mapping[str, Any]) -> Path | None:
    """The file of an entry of DATABASES; None for other databases, and for SQLite in memory."""
    name = str(database["NAME"])
    return Path(name) if database["ENGINE"] == SQLITE and Path(name).is_absolute() else None


def tuned(database: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of DATABASES with the options its database needs; other databases are unchanged.

    If PostgreSQL needs a missing package, raises ImproperlyConfigured with the command that installs it.
    """
    options = database.get("OPTIONS", {})
    if database["ENGINE"] == SQLITE:
        return {**database, "OPTIONS": SQLITE_OPTIONS | options}
    if database["ENGINE"] != POSTGRESQL:
        return dict(database)
    missing = [name for name in ("psycopg", "psycopg_pool") if find_spec(name) is None]
    if missing:
        raise ImproperlyConfigured(f"DATABASE_URL names PostgreSQL, but {missing[0]} is not installed: {INSTALL}")
    _check_options(options)
    return {
        **database,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "pool": POOL} | options,
    }
