"""What all measurements share: cores, a Redis, and a site with a database and a user who may watch."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from tests.benchmarks.machine import Cores, cores, pinned, raise_file_limit
from tests.benchmarks.server import Server
from tests.site import ROOT, Site

SITE = "avatar_site.asgi:application"
DAPHNE = ["-m", "daphne", "-p", "PORT", "--verbosity", "0"]
UVICORN = ["-m", "uvicorn", "--port", "PORT", "--ws", "websockets-sansio", "--loop", "asyncio"]
QUIET = ["--log-level", "warning", "--no-access-log"]
FILES_BESIDES = 200
SESSION = """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get())
print("; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()))
"""


@dataclass
class Arena:
    """`cookie` signs viewers in. Redis and the load run on one core, the servers that are measured on the other."""

    directory: Path
    cores: Cores
    quick: bool
    second_redis_url: str
    site: Site
    cookie: str
    open_files: int
    _numbers: Iterator[int] = field(default_factory=count)

    def choose(self, full: float, quick: float) -> float:
        return quick if self.quick else full

    def site_on_daphne(self, **variables: str) -> Server:
        """The real site, as `daphne avatar_site.asgi:application` runs it."""
        return self._server([*DAPHNE, SITE], {**self.site.environment, **variables})

    def site_unwatched(self) -> Server:
        """The same without monitoring; beside a monitored one it must not be another node of the same site."""
        return self.site_on_daphne(AVATAR_MONITORING_ENABLED="false", REDIS_URL=self.second_redis_url)

    def site_on_uvicorn(self) -> Server:
        return self._server([*UVICORN, *QUIET, SITE], self.site.environment)

    def stock_on_daphne(self, module: str, **variables: str) -> Server:
        """A project of `tests.benchmarks.stock`, with its own settings."""
        settings = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.stock.settings"}
        return self._server([*DAPHNE, f"{module}:application"], {**self.site.environment, **settings, **variables})

    def module(self, module: str, *arguments: str) -> Server:
        return self._server(["-m", module, *arguments], self.site.environment)

    def whole_site(self, workers: int) -> Server:
        """Everything that `start_avatar_web_server` starts, on both cores."""
        command = ["manage.py", "start_avatar_web_server", "--port", "PORT", "--workers", str(workers)]
        return self._server(command, self.site.environment, both_cores=True)

    def run_alone(self, module: str, *arguments: object, **variables: str) -> Any:
        """What a module prints as JSON, run to its end on the servers' core."""
        command = [sys.executable, "-m", module, *map(str, arguments)]
        with pinned(self.cores.server):
            environment = {**self.site.environment, **variables}
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def _server(self, arguments: list[str], environment: dict[str, str], *, both_cores: bool = False) -> Server:
        used = (self.cores.server, self.cores.load) if both_cores else (self.cores.server,)
        return Server(arguments, environment, used, self.directory / f"server-{next(self._numbers)}.log")


@contextmanager
def arena(*, quick: bool) -> Iterator[Arena]:
    """Raises UnusableError without two cores."""
    both = cores()
    open_files = raise_file_limit() - FILES_BESIDES
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="avatar-bench-")))
        stack.enter_context(pinned(both.load))
        first, second = (stack.enter_context(_redis(directory / name)) for name in ("first", "second"))
        # Five hundred viewers exceed the monitor's own budget, and it would then tick less often than is measured here.
        # The load stands for clients of other machines: no proxy is between.
        site = Site(directory, REDIS_URL=first, AVATAR_MONITOR_CPU_BUDGET="100", AVATAR_KERNEL_WATCH="all")
        # Nobody's real database.
        site.environment.pop("DATABASE_URL", None)
        site.migrate()
        yield Arena(directory, both, quick, second, site, site.shell(SESSION), open_files)


@contextmanager
def _redis(directory: Path) -> Iterator[str]:
    """The URL of a Valkey."""
    valkey = EmbeddedValkey(directory)
    valkey.start()
    try:
        yield f"unix://{valkey.socket}?db=0"
    finally:
        valkey.stop()
