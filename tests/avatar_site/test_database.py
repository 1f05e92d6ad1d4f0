import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site import database
from avatar_site.database import tuned

URL = "postgres://avatar:secret@db.example.com/avatar?sslmode=require"


def test_sqlite_waits_for_other_writers_and_begins_transactions_as_a_writer():
    options = tuned(environ.Env.db_url_config("sqlite:////tmp/some.sqlite3"))["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)


def test_postgresql_has_a_pool_whose_connections_are_checked():
    found = tuned(environ.Env.db_url_config(URL))
    assert (found["HOST"], found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"]) == ("db.example.com", 0, True)
    assert found["OPTIONS"]["pool"]["max_size"] == 10
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_missing_driver_is_one_line_with_the_command_and_without_the_password(monkeypatch):
    monkeypatch.setattr(database, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured) as error:
        tuned(environ.Env.db_url_config(URL))
    assert str(error.value) == (
        'DATABASE_URL is PostgreSQL\'s, but psycopg is missing: pip install "psycopg[binary,pool]"'
    )


def test_other_databases_are_left_alone():
    assert "OPTIONS" not in tuned({"ENGINE": "django.db.backends.mysql"})
