"""What to do about a database that exists, but lacks the tables of this release."""

from __future__ import annotations

from django.db import Error

from monitoring.command_lines import manage

# SQLite's texts, and PostgreSQL's codes, for a missing table and a missing column.
SQLITES_WORDS = ("no such table", "no such column", "has no column named")
POSTGRESQLS_CODES = ("42P01", "42703")


def lacks_tables(error: BaseException) -> bool:
    """Whether it failed because the database was not migrated to this release."""
    code = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, Error) and (code in POSTGRESQLS_CODES or str(error).startswith(SQLITES_WORDS))


def reason(error: BaseException) -> str:
    """What a database said, in one line, and the command that fixes it, if one does."""
    said = " ".join(str(error).split())
    return f"{said}: run `{manage('migrate')}`" if lacks_tables(error) else said
