"""Two starts of the same site, or of two sites, at the same moment."""

import http.cookiejar
import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

import psycopg
import pytest

from tests.postgres import new_database, running_postgres
from tests.site import PASSWORD, Site, eventually, free_port, running_site

START = ("manage.py", "start_avatar_web_server", "--no-monitoring", "--port")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


def starts_twice(*sites: Site) -> None:
    """Both run, all tables exist, and one administrator was created."""
    ports = [site.port for site in sites] if len(sites) > 1 else [sites[0].port, free_port()]
    started = [site.spawn(*START, str(port)) for site, port in zip([*sites, *sites], ports, strict=False)]
    logs = {site: site.logs for site in sites}

    def all_run() -> bool:
        said = "".join(log() for log in logs.values())
        assert all(process.poll() is None for process in started), said
        return said.count("The avatar site runs at") == 2

    eventually(all_run, seconds=90, what="both run")
    said = "".join(log() for log in logs.values())
    assert said.count("password  ") == 1
    assert "Traceback" not in said
    administrators = "from django.contrib.auth.models import User; print(User.objects.filter(is_staff=True).count())"
    assert sites[0].shell(administrators) == "1"


@pytest.mark.deployment
def test_two_starts_on_one_empty_postgresql(tmp_path, url):
    with new_database(url) as database, ExitStack() as stack:
        sites = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            sites.append(stack.enter_context(running_site(tmp_path / name, DATABASE_URL=database)))
        starts_twice(*sites)
        for site in sites:
            site.end()
        assert holds_no_lock(database)


def holds_no_lock(database: str) -> bool:
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def test_two_starts_on_one_empty_data_directory_succeed(tmp_path):
    with running_site(tmp_path) as site:
        starts_twice(site)


def test_two_migrations_at_once_succeed(tmp_path, url):
    with new_database(url) as database, running_site(tmp_path, DATABASE_URL=database) as site:
        migrations = [site.spawn("manage.py", "migrate") for _ in range(2)]
        assert [migration.wait(60) for migration in migrations] == [0, 0], site.logs()
        assert holds_no_lock(database)


def test_an_unreachable_database_is_named_in_one_line(tmp_path):
    nowhere = f"postgres://me:secret@127.0.0.1:{free_port()}/avatars"
    with running_site(tmp_path, DATABASE_URL=nowhere) as site:
        process = site.spawn(*START, str(site.port))
        assert process.wait(30) == 1
        [line] = site.logs().strip().splitlines()
    assert re.match(r"Configuration error: DATABASE_URL: the database avatars at 127\.0\.0\.1 cannot be used", line)
    assert "secret" not in line


@pytest.mark.deployment
def test_two_sites_on_one_host_do_not_sign_each_other_out(tmp_path):
    jar = http.cookiejar.CookieJar()
    with ExitStack() as stack:
        sites = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            site = stack.enter_context(running_site(tmp_path / name))
            site.migrate()
            site.daphne()
            sites.append(site)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        for site in sites:
            sign_in(site, opener)
        for site in sites:
            assert opener.open(f"{site.url}/").url == f"{site.url}/"


def sign_in(site: Site, opener: urllib.request.OpenerDirector) -> None:
    page = opener.open(f"{site.url}/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = urlencode({"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token})
    opener.open(urllib.request.Request(f"{site.url}/login/", form.encode(), {"Referer": site.url})).read()
