import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration import database as module
from avatar_site.configuration.database import SQLITE, database, tuned

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
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured) as error:
        tuned(environ.Env.db_url_config(URL))
    assert str(error.value) == (
        'DATABASE_URL names PostgreSQL, but psycopg is not installed: pip install "psycopg[binary,pool]"'
    )


@pytest.mark.parametrize("scheme", ["mysql", "oracle", "mssql", "redshift"])
def test_a_kind_without_its_driver_is_one_line_with_the_variable_and_without_the_password(monkeypatch, scheme):
    for driver in ("MySQLdb", "oracledb", "cx_Oracle", "mssql", "django_redshift_backend"):
        monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ImproperlyConfigured) as error:
        database(f"{scheme}://ada:hushhush@host/name", BASE, DEFAULT)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"DATABASE_URL={scheme}://ada:***@host/name: cannot be used (")
    assert "hushhush" not in line


def test_other_databases_are_left_alone():
    assert "OPTIONS" not in tuned({"ENGINE": "django.db.backends.mysql"})


BASE, DEFAULT = Path("/srv/site"), Path("/srv/C# code/var/db.sqlite3")


def test_without_a_url_the_file_is_the_default_whatever_its_path():
    assert database("", BASE, DEFAULT) == {"ENGINE": SQLITE, "NAME": str(DEFAULT)}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////data/C# co+de?/db.sqlite3", "/data/C# co+de?/db.sqlite3"),
        ("sqlite:////data/C%23/db.sqlite3", "/data/C#/db.sqlite3"),
        ("sqlite:///data/db.sqlite3", "/srv/site/data/db.sqlite3"),
    ],
)
def test_a_file_may_have_any_path_and_a_relative_one_is_in_the_project(url, name):
    assert database(url, BASE, DEFAULT)["NAME"] == name


@pytest.mark.parametrize("password", ["p#s/w?r%d+@:x &=", "plain", "100%", "a+b"])
def test_a_password_may_have_any_character(password):
    found = database(f"postgres://avatar:{password}@db.example:5433/avatar?sslmode=require", BASE, DEFAULT)
    assert (found["PASSWORD"], found["USER"], found["NAME"]) == (password, "avatar", "avatar")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("db.example", 5433, {"sslmode": "require"})


@pytest.mark.parametrize(
    "url",
    ["localhost", "postgres://user:hush@host:port/name", "postgres://user:hush@host", "mongodb://host/name", "sqlite://",
     "sqlite:///", "postgresql+psycopg://host/name"],
)  # fmt: skip
def test_anything_else_is_one_line_without_the_password(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL=.*: must be a URL such as") as error:
        database(url, BASE, DEFAULT)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("query", ["nosuch=1", "connect_timeout=x", "pool=1"])
def test_an_option_that_postgresql_does_not_have_is_one_line(query):
    with pytest.raises(
        ImproperlyConfigured, match=r"^DATABASE_URL: PostgreSQL does not accept its options \([^\n\\]*\)$"
    ):
        tuned(database(f"postgres://avatar:hush@db.example/avatar?{query}", BASE, DEFAULT))


@pytest.mark.parametrize("path", ["/", ".", "data"])
def test_a_directory_is_no_database(tmp_path, path):
    (tmp_path / "data").mkdir()
    with pytest.raises(ImproperlyConfigured, match="must be a URL such as postgres://"):
        database(f"sqlite:///{path}", tmp_path, DEFAULT)
