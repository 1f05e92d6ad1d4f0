"""A test's own site: data directory, port and real processes."""

from __future__ import annotations

import http.cookiejar
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.console import Console
from tests.kept import ROOT, digest_of, kept
from tests.patience import PATIENCE_SECONDS

PASSWORD = "a test's own password"
APPLICATION = "avatar_site.asgi:application"

UNLIMITED = None
"""Messages that nobody has asked for yet; a client that stops reading at 16 of them cannot close for ten seconds."""

T = TypeVar("T")


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.cycle(range(20_000 + 1_500 * (WORKER % 8) + os.getpid() % 500, 21_500 + 1_500 * (WORKER % 8)))


def free_port() -> int:
    """A port that nobody else will get: neither another test nor a client, whose ports begin at 32768."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a cycle does not end")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def eventually(
    condition: Callable[[], T],
    *,
    seconds: float = PATIENCE_SECONDS,
    every: float = 0.05,
    what: str | Callable[[], str] = "",
) -> T:
    """The first true value of the condition, which is called, with pauses of `every` seconds, until the time is up.

    `what` says what was waited for; if it is callable, it is called only when the time is up.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what() if callable(what) else what or condition}"
        time.sleep(every)


class Site:
    """Runs the site's own commands and servers in separate processes, and ends what it started."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.directory = directory
        self.root = ROOT
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AVATAR_", "DJANGO_"))},
            "AVATAR_DATA_DIR": str(directory / "data"),
            "DJANGO_SETTINGS_MODULE": "avatar_site.settings",
            "PYTHONUNBUFFERED": "1",
            **variables,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self._console: Console | None = None

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.directory / f"process-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=self.root, env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )
        self.processes.append(process)
        return process

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        """What code prints that runs in the site's Django, beside its servers."""
        if self._console is None or (self._console.root, self._console.environment) != (self.root, self.environment):
            self._close_console()
            self._console = Console(self.root, self.environment, self.directory / "console.log")
        return self._console.run(code).strip()

    def _close_console(self) -> None:
        if self._console is not None:
            self._console.close()
            self._console = None

    def daphne(self, port: int | None = None, application: str = APPLICATION) -> subprocess.Popen[bytes]:
        """A daphne started by hand: `daphne -p PORT avatar_site.asgi:application`."""
        port = port or self.port
        return self.server("-m", "daphne", "-p", str(port), application, port=port)

    def server(self, *arguments: str, port: int | None = None) -> subprocess.Popen[bytes]:
        """Any server, once it answers on the site's port or the given one."""
        process = self.spawn(*arguments)
        eventually(lambda: self._answers(port or self.port), seconds=60, what=lambda: f"{arguments}: {self.logs()}")
        return process

    def migrate(self) -> None:
        """Creates the database with an administrator; a new SQLite file is a copy of the first one that was made."""
        file = Path(self.environment["AVATAR_DATA_DIR"]) / "db.sqlite3"
        if "DATABASE_URL" not in self.environment and not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_bytes(migrated())
        else:
            self.migrate_step_by_step()

    def migrate_step_by_step(self) -> None:
        self.manage("migrate", "-v", "0")
        self.shell(
            "from django.contrib.auth.models import User; "
            f"User.objects.create_superuser('admin', password={PASSWORD!r})"
        )

    def sign_in(self, password: str = PASSWORD, user: str = "admin") -> str:
        """The Cookie header of a signed-in user, the administrator by default."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        opener.open(f"{self.url}/login/").read()
        token = next(cookie.value for cookie in jar if cookie.name.startswith("avatar_csrf_"))
        form = urlencode({"username": user, "password": password, "csrfmiddlewaretoken": token})
        try:
            opener.open(urllib.request.Request(f"{self.url}/login/", form.encode(), {"Referer": self.url})).read()
        except HTTPError as error:
            # What the server wrote, and why, is worth more than the number.
            error.msg = f"{error.msg} at {error.url}: {error.read()[:2_000]!r}\n{self.logs()[-4_000:]}"
            raise
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)

    def avatar(self, query: str = "", port: int | None = None) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{port or self.port}/ws/avatar/?{query}", max_queue=UNLIMITED)

    def viewer(self, cookie: str, port: int | None = None, *subprotocols: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{port or self.port}/ws/metrics/",
            additional_headers={"Cookie": cookie},
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            max_size=None,
            max_queue=UNLIMITED,
        )

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("process-*.log")))

    def end(self) -> None:
        self._close_console()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _answers(self, port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


@cache
def migrated() -> bytes:
    """The contents of a migrated SQLite file with an administrator; a copy of it saves seven seconds."""
    installed = sorted(f"{one.name} {one.version}" for one in distributions())
    digest = digest_of(("monitoring", "dashboard", "avatar_site"), ("tests/site.py",), [sys.version, *installed])
    return (kept("migrated", digest, _migrate) / "db.sqlite3").read_bytes()


def _migrate(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        with running_site(Path(directory)) as site:
            site.migrate_step_by_step()
        shutil.copy(Path(directory) / "data" / "db.sqlite3", folder)


@contextmanager
def running_site(directory: Path, **variables: str):
    site = Site(directory, **variables)
    try:
        yield site
    finally:
        site.end()


def receive(connection: ClientConnection, kind: str, *, seconds: float = 5) -> dict:
    """The next message of a type; others before it are skipped."""
    deadline = time.monotonic() + seconds
    while True:
        message = json.loads(connection.recv(timeout=max(0.01, deadline - time.monotonic())))
        if message["type"] == kind:
            return message


def close_code(connection: ClientConnection, *, seconds: float = 5) -> int | None:
    """The code with which the server closes the connection; messages before it are skipped."""
    deadline = time.monotonic() + seconds
    try:
        while True:
            connection.recv(timeout=max(0.01, deadline - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
