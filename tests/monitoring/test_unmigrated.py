"""A database without this release's tables is distinguished from one that is away."""

import sqlite3

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.db.utils import DatabaseError

from monitoring.unmigrated import lacks_tables, reason


def failure(sql: str) -> DatabaseError:
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute(sql)
    return caught.value


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["SELECT 1 FROM nowhere", "SELECT colour FROM auth_user"])
def test_a_missing_table_or_column_is_one_line_with_the_command_that_creates_it(sql):
    error = failure(sql)
    assert lacks_tables(error)
    assert "manage.py migrate`" in reason(error)
    assert "\n" not in reason(error)


def test_on_postgresql_the_error_code_decides():
    error = ProgrammingError('relation "avatar_monitoring_site" does not exist\nLINE 1: SELECT ...')
    error.__cause__ = psycopg.errors.UndefinedTable()
    assert lacks_tables(error)


@pytest.mark.parametrize(
    "error", [OperationalError("connection refused"), sqlite3.OperationalError("no such table: x")]
)
def test_no_other_error_suggests_migrating(error):
    assert not lacks_tables(error)
    assert reason(error) == str(error)
