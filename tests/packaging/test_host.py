"""A project with its own apps `monitoring` and `dashboard` installs the wheel and only what it cannot do without.

Its Django and its Channels are those that run these tests, so that the matrix serves it with each.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import channels
import django
import pytest
from websockets.sync.client import connect

from tests.site import eventually, free_port, receive
from tests.wheel import fresh_environment, install

HOST = Path(__file__).parent / "host"
PASSWORD = "a test's own password"
OPTIONAL = ("celery", "ninja", "prometheus_client", "psutil", "apprise", "pyarrow", "opentelemetry", "rich", "daphne")


class Host:
    """The project in a folder of its own."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder, self.python, self.port = folder, python, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = {**kept, "PYTHONUNBUFFERED": "1", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        self.log = folder / "server.log"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.python), *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)

    def manage(self, *arguments: str) -> str:
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def serve(self) -> subprocess.Popen[bytes]:
        command = [str(self.python), "-m", "uvicorn", "--port", str(self.port), "project.asgi:application"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        eventually(lambda: "running on" in self.log.read_text(), seconds=60, what=self.log.read_text)
        return process

    def get(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        data = urlencode(form).encode() if form else None
        try:
            with self._opener.open(Request(self.url + path, data, {"Referer": self.url})) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def sign_in(self) -> None:
        path = "/admin/login/?next=/watch/"
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path)[1])
        assert token
        form = {"username": "operator", "password": PASSWORD, "csrfmiddlewaretoken": token[1], "next": "/watch/"}
        status, page = self.get(path, form)
        assert status == 200, page + self.log.read_text()


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Host:
    like_here = [f"django=={django.get_version()}", f"channels=={channels.__version__}"]
    python = fresh_environment(also=[*like_here, "uvicorn", "websockets"]) / "bin/python"
    folder = tmp_path_factory.mktemp("host") / "factory"
    shutil.copytree(HOST, folder)
    host = Host(folder, python)
    host.manage("migrate", "-v", "0")
    host.manage("createsuperuser", "--noinput", "--username", "operator", "--email", "", "-v", "0")
    host.manage("collectstatic", "--noinput", "-v", "0")
    return host


@pytest.fixture(scope="module")
def served(host) -> Host:
    process = host.serve()
    host.sign_in()
    yield host
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_no_library_of_an_extra_is_installed(host):
    code = f"from importlib.util import find_spec\nprint([one for one in {OPTIONAL} if find_spec(one)])"
    assert host.run("-c", code).stdout.strip() == "[]"


def test_it_passes_the_checks(host):
    host.manage("check", "--fail-level", "ERROR")


def test_no_migration_is_missing(host):
    assert "No changes detected" in host.manage("makemigrations", "--check", "--dry-run")


def test_the_tables_of_both_are_there(host):
    said = host.manage("shell", "-c", "from django.db import connection as c; print(*c.introspection.table_names())")
    assert {"monitoring_sensor", "avatar_monitoring_minute", "avatar_monitoring_alert"} <= set(said.split())


def test_static_files_of_both_are_collected(host):
    collected = host.folder / "collected"
    assert (collected / "dashboard/css/page.css").read_text() == "body { color: green; }\n"
    assert (collected / "avatar_monitoring/vendor/uplot/uPlot.esm.js").exists()


def test_a_command_without_its_library_says_which_extra_brings_it(host, tmp_path):
    output = str(tmp_path / "minutes.parquet")
    done = host.run("manage.py", "export_metrics", "--from", "-1h", "--resolution", "minute", "--output", output)
    assert done.stderr.splitlines()[-1].endswith("or the extra avatar-monitoring[parquet]"), done.stderr
    assert "Traceback" not in done.stderr


def test_the_projects_own_pages_stay_as_they_are(served):
    assert "What the factory makes: / /sensors/metrics" in served.get("/")[1]
    assert "<title>The factory</title>" in served.get("/sensors/")[1]


@pytest.mark.parametrize("path", ["/watch/", "/watch/clients/", "/watch/alerts/", "/watch/trends/"])
def test_the_pages_are_shown(served, path):
    status, page = served.get(path)
    assert status == 200, page + served.log.read_text()
    assert re.search(r'"/static/avatar_monitoring/bundles/[^"]+\.css"', page)


@pytest.mark.parametrize(("path", "extra"), [("/watch/api/current", "api"), ("/watch/metrics", "api")])
def test_an_address_without_its_library_says_which_extra_brings_it(served, path, extra):
    status, body = served.get(path)
    assert (status, json.loads(body)["error"]) == (501, "not_installed")
    assert f"avatar-monitoring[{extra}]" in json.loads(body)["message"]


def test_a_client_is_seen_live(served):
    cookie = "; ".join(f"{one.name}={one.value}" for one in served.cookies)
    address = f"ws://127.0.0.1:{served.port}"
    headers = {"Cookie": cookie, "Origin": served.url}
    with (
        connect(f"{address}/ws/?client_id=ada") as client,
        connect(f"{address}/watch/ws/metrics/", additional_headers=headers) as viewer,
    ):
        client.send("x" * 70_000)
        assert client.recv() == "x" * 70_000
        frame = eventually(lambda: (one := receive(viewer, "metrics"))["clients"] and one)
    assert [row["client_id"] for row in frame["clients"]] == ["ada"]
    assert frame["system"]["cpu_percent"] is None, "psutil is not installed"


@pytest.mark.parametrize("older", ["Django~=4.2.0", "channels~=4.1.0"])
def test_an_older_release_is_refused_with_a_sentence(tmp_path, older):
    """pip refuses it too, unless it is told to ignore dependencies."""
    environment = fresh_environment()
    install(environment, "--no-deps", older)
    shutil.copytree(HOST, tmp_path / "factory")
    said = Host(tmp_path / "factory", environment / "bin/python").run("manage.py", "check").stderr
    assert re.search(r"avatar-monitoring needs \w+ [45].2 or newer, and this is 4\.[12]\.", said.splitlines()[-1]), said
