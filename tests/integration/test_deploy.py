"""What an operator relies on before and during production."""

import subprocess
import sys

import pytest

from tests.site import ROOT, Site, running_site


def test_production_variables_cause_no_warnings(tmp_path):
    site = Site(
        tmp_path,
        DJANGO_SECRET_KEY="k" * 30 + "0123456789-abcdefghij-ABCDEFGHIJ",
        DJANGO_ALLOWED_HOSTS="avatars.example.com",
        DJANGO_HTTPS="true",
        REDIS_URL="redis://10.0.0.5:6379/0",
    )
    assert "no issues" in site.manage("check", "--deploy", "--fail-level", "WARNING")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("AVATAR_METRICS_INTERVAL", "0", "a number from 0.1 to 60"),
        pytest.param("AVATAR_CPU_ALERT_THRESHOLD", "hot", "a number from 0 to 100", marks=pytest.mark.deployment),
        pytest.param("AVATAR_MONITORING_ENABLED", "perhaps", "true or false", marks=pytest.mark.deployment),
        ("AVATAR_ALLOWED_ORIGINS", "example.com", "origins such as https://example.com"),
        pytest.param("AVATAR_AUTH", "closed", "open or ticket", marks=pytest.mark.deployment),
        ("DJANGO_DEBUG", "2", "true or false"),
        pytest.param("REDIS_URL", "http://localhost", "redis://", marks=pytest.mark.deployment),
        pytest.param("DATABASE_URL", "localhost", "postgres://user:password@host/name", marks=pytest.mark.deployment),
        pytest.param(
            "DJANGO_ALLOWED_HOSTS",
            "https://example.com",
            "host names without scheme and port",
            marks=pytest.mark.deployment,
        ),
    ],
)
def test_a_bad_value_stops_the_start_with_a_line_that_names_it(tmp_path, variable, value, allowed):
    site = Site(tmp_path, **{variable: value})
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=site.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"{variable}={value}" in done.stderr
    assert allowed in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_variable_is_named_with_the_intended_one(tmp_path):
    site = Site(tmp_path, AVATAR_METRIC_INTERVAL="2")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=site.environment, capture_output=True, text=True
    )
    assert "did you mean AVATAR_METRICS_INTERVAL?" in done.stderr


AWAY = "postgres://avatar:hush@127.0.0.1:9/avatars", "avatars at 127.0.0.1 cannot be used (connection failed"
NONE = "sqlite:///{directory}/no.sqlite3", "no.sqlite3 cannot be used (file is not a database)"


@pytest.mark.parametrize(
    ("command", "url", "reason"),
    [
        ("start_avatar_web_server", *AWAY),
        ("migrate", *NONE),
        pytest.param("start_avatar_web_server", *NONE, marks=pytest.mark.deployment),
        pytest.param("migrate", *AWAY, marks=pytest.mark.deployment),
    ],
)
def test_an_unusable_database_is_one_line_without_the_password(tmp_path, command, url, reason):
    (tmp_path / "no.sqlite3").write_text("no database, " * 1000)
    (tmp_path / "no.sqlite3").chmod(0o600)
    site = Site(tmp_path, DATABASE_URL=url.format(directory=tmp_path))
    arguments = ["--port", str(site.port)] if command == "start_avatar_web_server" else []
    done = subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
    )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("Configuration error: DATABASE_URL: the database ")
    assert reason in line
    assert "hush" not in done.stdout + done.stderr


def test_an_empty_secret_key_is_one_line(tmp_path):
    site = Site(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret_key").touch()
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=site.environment, capture_output=True, text=True
    )
    (line,) = done.stderr.splitlines()
    assert line.endswith("secret_key is empty: delete it, or set DJANGO_SECRET_KEY")


def test_empty_variables_count_as_unset(tmp_path):
    names = ("REDIS_URL", "DATABASE_URL", "DJANGO_SECRET_KEY", "DJANGO_DEBUG", "AVATAR_AUTH", "AVATAR_KEEP_MINUTES")
    assert "no issues" in Site(tmp_path, **dict.fromkeys(names, "")).manage("check")


def test_a_data_directory_may_have_any_name(tmp_path):
    directory = tmp_path / "C# co+de 100%41 ?"
    directory.mkdir()
    with running_site(directory) as site:
        site.migrate()
        site.daphne()
        with site.avatar("client_id=here"):
            assert "stored" in site.shell("from monitoring.tasks import store_snapshots; print(store_snapshots())")
    assert (directory / "data" / "db.sqlite3").is_file()
