"""The database tests once more, on PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.error import HTTPError

import psycopg
import pytest

from tests.postgres import new_database, running_postgres
from tests.site import ROOT, Site, running_site

MODULES = (
    "tests/monitoring",
    *(f"tests/dashboard/test_{name}.py" for name in ("past", "events", "trend_charts")),
)
EXTREMES = "tests/integration/test_extremes.py"
# The last one runs commands of its own sites, on SQLite.
IGNORED = ("tests/monitoring/core", "tests/monitoring/servers", "tests/monitoring/test_export_metrics.py")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


def test_postgresql_stores_the_same_and_no_path_causes_an_error_there(url):
    stored = (
        "storage/test_rows",
        "storage/test_ingest",
        "storage/test_episodes",
        "models/test_models",
        "alerting/test_live_state",
    )
    modules = [f"tests/monitoring/{name}.py" for name in stored]
    chosen = " or ".join([*(name.rpartition("/")[2] for name in stored), "path"])
    passes(url, *modules, EXTREMES, "-k", chosen, marks="django_db and not deployment")


@pytest.mark.deployment
def test_every_user_of_the_database_behaves_the_same_on_postgresql(url):
    passes(url, *MODULES, *(f"--ignore={path}" for path in IGNORED))


@pytest.mark.deployment
def test_no_parameter_causes_an_error_on_postgresql(url):
    passes(url, EXTREMES)


def passes(url: str, *arguments: str, marks: str = "django_db") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-m", marks, *arguments],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]


@pytest.mark.deployment
def test_the_sites_connection_pool_survives_a_restart_of_the_server(tmp_path, url):
    with new_database(url) as database, running_site(tmp_path, DATABASE_URL=database) as site:
        site.migrate()
        site.daphne()
        cookie = answers(site)
        with psycopg.connect(database, autocommit=True) as connection:
            others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            lent = [pid for (pid,) in connection.execute(others)]
            assert lent
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS other")
        assert answers(site) != cookie


def answers(site: Site) -> str:
    try:
        return site.sign_in()
    except HTTPError:
        pytest.fail(site.logs())
