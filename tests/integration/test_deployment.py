"""docs/deployment.md as written: its proxies before real servers, its units, its backups."""

import http.client
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from redis import Redis
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey, server_binary
from avatar_site.supervisor.preparation import OF_CELERY
from avatar_site.supervisor.processes import CELERY, DAPHNE_OPTIONS
from monitoring import redis_rights
from tests.certificates import make_certificate
from tests.examples import command_of, example, examples, variables, with_others
from tests.postgres import new_database, programs, running_postgres
from tests.site import PASSWORD, UNLIMITED, Site, eventually, free_port, receive, running_site
from tests.tls import tls_socket

NAME = "avatars.example.com"
UNITS = ("avatar-web@.service", "avatar-worker.service", "avatar-beat.service", "avatar.service")
SOMEBODY, FORGED = "127.0.0.9", "203.0.113.7"
"""Everything of 127.0.0.0/8 is this machine's; the proxy's own address is 127.0.0.1."""


STORED = """
from monitoring.models import ClientSession
from monitoring.tasks import store_snapshots
store_snapshots()
"""


def needs(program: str) -> None:
    if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
        assert os.environ.get("CI") != "true", f"{program} is missing, and tests/install_tools.sh did not install it"
        pytest.skip(f"{program} is not installed: tests/install_tools.sh installs it where it may")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """Two web processes by the unit's command, with the variables of the environment's file and their own stores."""
    directory = tmp_path_factory.mktemp("deployed")
    valkey = EmbeddedValkey(directory / "redis")
    valkey.start()
    own = {"DATABASE_URL": "", "REDIS_URL": f"unix://{valkey.socket}", "AVATAR_DATA_DIR": str(directory / "data")}
    with running_site(directory, **{**variables(), **own, "DJANGO_SECRET_KEY": "k" * 50}) as site:
        site.migrate()
        site.ports = [free_port(), free_port()]
        for port in site.ports:
            serve(site, port)
        yield site
    valkey.stop()


def serve(site: Site, port: int) -> subprocess.Popen[bytes]:
    words = [word.replace("%i", str(port)) for word in command_of("avatar-web@.service")]
    return site.server("-m", "daphne", *words, port=port)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    directory = tmp_path_factory.mktemp("certificate")
    key, own = make_certificate(directory, NAME)
    (directory / "site.pem").write_bytes(own.read_bytes() + key.read_bytes())
    return key, own


class Browser:
    """A browser at an address other than the proxy's, which speaks HTTPS to it."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.trusting = ssl.create_default_context(cafile=str(certificate))
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(SOMEBODY, 0))
        plain.connect()
        plain.sock = self.trusting.wrap_socket(plain.sock, server_hostname=NAME)
        own = {"Host": f"{NAME}:{self.port}", "Cookie": self.cookie, "X-Forwarded-For": FORGED, **headers}
        if form is not None:
            own |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}:{self.port}"}
        plain.request(method, path, urlencode(form) if form is not None else None, own)
        answer = plain.getresponse()
        for line in answer.msg.get_all("Set-Cookie", []):
            assert "Secure" in line
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        text = answer.read().decode()
        plain.close()
        return answer.status, text

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, password: str) -> int:
        _, page = self.ask("GET", "/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token}
        return self.ask("POST", "/login/", form, Referer=f"https://{NAME}:{self.port}/login/")[0]

    def socket(self, path: str, **headers: str):
        origin = {"Origin": f"https://{NAME}:{self.port}", "Cookie": self.cookie, "X-Forwarded-For": FORGED}
        return connect(
            f"ws://{NAME}:{self.port}{path}",
            proxy=None,
            sock=tls_socket("127.0.0.1", self.port, self.trusting, server_hostname=NAME, local_addr=(SOMEBODY, 0)),
            additional_headers={**origin, **headers},
            max_size=None,
            max_queue=UNLIMITED,
        )


@contextmanager
def running(directory: Path, *command: str) -> Iterator[None]:
    with (directory / "proxy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def nginx(site: Site, directory: Path, certificate: tuple[Path, Path]) -> Iterator[int]:
    port, plain = free_port(), free_port()
    server = example(
        "/etc/nginx/conf.d/avatar.conf",
        **{
            "listen 443": f"listen 127.0.0.1:{port}",
            "listen 80": f"listen 127.0.0.1:{plain}",
            "127.0.0.1:8001": f"127.0.0.1:{site.ports[0]}",
            "127.0.0.1:8002": f"127.0.0.1:{site.ports[1]}",
            "/etc/ssl/avatar/fullchain.pem": str(certificate[1]),
            "/etc/ssl/avatar/privkey.pem": str(certificate[0]),
            "/var/log/nginx/avatar.log": str(directory / "access.log"),
        },
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in kinds)
    main = example("/etc/nginx/nginx.conf, in the place of the lines of these names")
    user = "user root;\n" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(f"{user}pid {directory}/pid;\n{main}\nhttp {{\n{folders}{server}}}\n")
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    arguments = (program, "-p", str(directory), "-c", f"{directory}/nginx.conf", "-e", f"{directory}/error.log")
    with running(directory, *arguments, "-g", "daemon off;"):
        yield port


@contextmanager
def haproxy(site: Site, directory: Path, certificate: tuple[Path, Path]) -> Iterator[int]:
    port, plain = free_port(), free_port()
    text = example(
        "/etc/haproxy/haproxy.cfg",
        **{
            "bind :443": f"bind 127.0.0.1:{port}",
            "bind :80": f"bind 127.0.0.1:{plain}",
            "127.0.0.1:8001": f"127.0.0.1:{site.ports[0]}",
            "127.0.0.1:8002": f"127.0.0.1:{site.ports[1]}",
            "/etc/ssl/avatar/site.pem": str(certificate[1].with_name("site.pem")),
        },
    )
    # Fewer descriptors than a dedicated machine has.
    (directory / "haproxy.cfg").write_text(with_others(text, {"maxconn 65536": "maxconn 200"}))
    program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin") or "haproxy"
    with running(directory, program, "-db", "-f", f"{directory}/haproxy.cfg"):
        yield port


PROXIES = pytest.mark.parametrize(
    "proxy", [pytest.param(nginx, id="nginx"), pytest.param(haproxy, id="haproxy", marks=pytest.mark.deployment)]
)


@PROXIES
def test_behind_the_documented_proxy_people_sign_in_and_have_their_own_address(site, tmp_path, certificate, proxy):
    needs(proxy.__name__)
    with proxy(site, tmp_path, certificate) as port:
        browser = Browser(port, certificate[1])
        eventually(lambda: answers(browser), seconds=20, what=lambda: said(tmp_path))
        assert browser.sign_in("wrong") == 200
        eventually(lambda: f"Wrong name or password from {SOMEBODY}" in site.logs(), what=site.logs)
        assert browser.sign_in(PASSWORD) == 302
        assert browser.ask("GET", "/")[0] == 200
        with browser.socket("/ws/metrics/") as viewer, browser.socket(f"/ws/avatar/?client_id={proxy.__name__}"):
            eventually(lambda: seen(viewer, proxy.__name__), seconds=20)
        with (
            pytest.raises(InvalidStatus) as refused,
            browser.socket("/ws/avatar/?ticket=hush", Origin="https://evil.test"),
        ):
            pass
        assert refused.value.response.status_code == 403
        assert "hush" not in said(tmp_path) + site.logs()
        assert FORGED not in site.logs()
    asked = f"print(*ClientSession.objects.filter(client_id={proxy.__name__!r}).values_list('remote', flat=True))"
    assert eventually(lambda: site.shell(STORED + asked), seconds=20) == SOMEBODY


@PROXIES
def test_while_one_web_process_after_the_other_is_restarted_the_other_serves_on(site, tmp_path, certificate, proxy):
    """Who was connected comes back at once, also where the one that serves was restarted a moment ago."""
    needs(proxy.__name__)
    with proxy(site, tmp_path, certificate) as port, ExitStack() as stack:
        browser = Browser(port, certificate[1])
        eventually(lambda: answers(browser), seconds=20, what=lambda: said(tmp_path))
        for web in site.ports:
            for letter in "abcd":
                stack.enter_context(browser.socket(f"/ws/avatar/?client_id={web}-{letter}"))
            process = next(one for one in site.processes if one.poll() is None and str(web) in str(one.args))
            process.terminate()
            process.wait(20)
            for letter in "abcd":
                with browser.socket(f"/ws/avatar/?client_id={web}-{letter}-again") as avatar:
                    receive(avatar, "welcome")
            serve(site, web)


def answers(browser: Browser) -> bool:
    try:
        return browser.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def seen(viewer, client_id: str) -> bool:
    return client_id in {client["client_id"] for client in receive(viewer, "metrics")["clients"]}


def said(directory: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(directory.glob("*.log")))


def test_the_redis_user_has_the_rights_of_the_site_and_the_operator_those_for_backups(tmp_path):
    port = free_port()
    (tmp_path / "redis.conf").write_text(example("/etc/redis/redis.conf, at its end", **{" 10.0.0.5": ""}))
    server = (server_binary(), tmp_path / "redis.conf", "--dir", tmp_path, "--port", str(port))
    with running(tmp_path, *map(str, server)):
        eventually(lambda: listens(port), what=lambda: said(tmp_path))
        with Redis(port=port, username="avatar", password="PASSWORD") as redis:
            assert redis_rights.refusal(redis, "5f2a91c3", OF_CELERY) is None
        needs("redis-cli")
        script = examples()["Redis or Valkey, while it runs: its files must not be rewritten meanwhile"]
        environment = {**os.environ, "REDISCLI_AUTH": "OPERATORS-PASSWORD"}
        commands = re.findall(r"redis-cli (--user operator [^;|\n]+)", script)
        assert len(commands) == script.count("redis-cli") == 3
        for words in commands:
            asked = ["redis-cli", "-p", str(port), *words.split()]
            answer = subprocess.run(asked, env=environment, capture_output=True, text=True).stdout
            assert answer.startswith(("OK", "# Persistence")), answer


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_systemd_accepts_the_units(tmp_path):
    needs("systemd-analyze")
    for unit in UNITS:
        text = example(f"/etc/systemd/system/{unit}")
        # Whether they exist on this machine or not; what counts is how the unit is written.
        text = re.sub(r"/opt/avatar/\.venv/bin/\w+", "/bin/true", text).replace("/opt/avatar", "/tmp")
        (tmp_path / unit).write_text(text)
    names = [str(tmp_path / unit.replace("@", "@8001")) for unit in UNITS]
    (tmp_path / "avatar-web@8001.service").symlink_to(tmp_path / "avatar-web@.service")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if "avatar" in line]
    assert lines == []


def test_the_units_run_the_same_commands_as_the_supervisor():
    options = [f"{option}={value}" for option, value in DAPHNE_OPTIONS.items()]
    assert set(options) <= set(command_of("avatar-web@.service"))
    for unit in ("worker", "beat"):
        words = command_of(f"avatar-{unit}.service")
        assert words[: len(CELERY) - 2] == [*CELERY[3:], unit]


USED = "SELECT count(*), sum(messages) FROM avatar_monitoring_clientsession"


def used(site: Site) -> tuple[int, int]:
    """How many sessions and messages are in the database, read without the site, which takes long to start."""
    url = site.environment.get("DATABASE_URL")
    connection = psycopg.connect(url) if url else sqlite3.connect(site.directory / "data" / "db.sqlite3")
    with closing(connection):
        sessions, messages = connection.execute(USED).fetchone()
    return int(sessions), int(messages)


def visit(site: Site, name: str) -> tuple[int, int]:
    """One session of three messages, stored once the server has reported its end."""
    before = journal_length(site)
    with site.avatar(f"client_id={name}") as avatar:
        for number in range(3):
            avatar.send(f'{{"type": "ping", "t": {number}}}')
            receive(avatar, "pong")
    eventually(lambda: journal_length(site) > before)
    return stored(site)


def journal_length(site: Site) -> int:
    with Redis.from_url(site.environment["REDIS_URL"]) as redis:
        return int(redis.xlen("avatar:kept:journal"))


def stored(site: Site) -> tuple[int, int]:
    """The same, once everything in Redis is stored."""
    site.shell(STORED)
    return used(site)


def run(title: str, site: Site, **replaced: str) -> None:
    script = "set -eu\n" + example(title, **replaced)
    done = subprocess.run(["sh", "-c", script], env=site.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def kept(directory: Path, **variables: str) -> Iterator[tuple[Site, EmbeddedValkey]]:
    """A site with its own server and Valkey, which may be stopped and started again."""
    valkey = EmbeddedValkey(directory / "redis")
    valkey.start()
    own = {"REDIS_URL": f"unix://{valkey.socket}", "AVATAR_SITE": "kept"}
    try:
        with running_site(directory, **own, **variables) as site:
            site.manage("migrate", "-v", "0")
            site.daphne()
            yield site, valkey
    finally:
        valkey.stop()


def comes_back(site: Site, valkey: EmbeddedValkey, database: tuple[str, dict[str, str]], **restored: str) -> None:
    """The database is restored from its backup, and then Redis from an even older one."""
    title, place = database
    copies = {"/var/lib/redis": str(valkey.directory), "/backup": str(site.directory)}
    command = {"redis-cli": f"redis-cli -s {valkey.socket}"}
    run("Redis or Valkey, while it runs: its files must not be rewritten meanwhile", site, **copies, **command)
    visit(site, "ada")
    run(f"{title}, while the site runs", site, **place)
    assert visit(site, "bob") == (2, 6)
    site.end()
    run(f"{title}, with web processes, worker and beat stopped", site, **place, **restored)
    assert used(site) == (1, 3)
    # Nothing that the database lacks is lost, and nothing that it has is stored twice.
    assert stored(site) == (2, 6)
    valkey.stop()
    run("Redis or Valkey, while it is stopped", site, **copies)
    valkey.start()
    assert stored(site) == (2, 6)


@pytest.mark.deployment
def test_sqlite_and_redis_are_restored_from_backups_of_different_moments(tmp_path):
    needs("redis-cli")
    needs("sqlite3")
    with kept(tmp_path) as (site, valkey):
        place = {"/var/lib/avatar": str(tmp_path / "data"), "/backup": str(tmp_path)}
        comes_back(site, valkey, ("SQLite", place), **{"-o avatar -g avatar ": ""})


@pytest.mark.deployment
def test_postgresql_and_redis_are_restored_from_backups_of_different_moments(tmp_path):
    needs("redis-cli")
    with running_postgres() as url, new_database(url) as name, kept(tmp_path, DATABASE_URL=name) as (site, valkey):
        if folder := programs():
            site.environment["PATH"] = f"{folder}:{site.environment['PATH']}"
        comes_back(site, valkey, ("PostgreSQL", {"/backup": str(tmp_path)}))
