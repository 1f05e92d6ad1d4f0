"""A copy of a host in a folder of its own, with its processes, its database and its Valkey."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from avatar_site.supervisor.embedded_valkey import server_binary
from tests.adoption.recipe import Recipe
from tests.postgres import new_database
from tests.site import PASSWORD, eventually, free_port

SERVERS = {
    "daphne": ("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "{asgi}"),
    "uvicorn": ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "{asgi}"),
}
OPERATOR = "operator@example.org"
"""Also the name of the host's administrator, where people have names."""
CHECK = re.compile(r"^\S+: \((\S+)\) ", re.MULTILINE)
TEST = re.compile(r"^test_\w+ \([\w.]+\)", re.MULTILINE)


class Project:
    def __init__(self, recipe: Recipe, folder: Path, variables: dict[str, str]) -> None:
        self.recipe = recipe
        self.folder = folder / recipe.name
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
            "DJANGO_SUPERUSER_USERNAME": OPERATOR,
            "DJANGO_SUPERUSER_EMAIL": OPERATOR,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            # Some write the parts of a header in the order of a set.
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        }
        shutil.copytree(recipe.folder, self.folder)

    def manage(self, python: Path, *arguments: str) -> str:
        """What a command of the host's prints, its errors included."""
        command = [str(python), "manage.py", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def prepare(self, python: Path) -> None:
        """What its own people did before: a database with something in it, and an administrator."""
        self.manage(python, "migrate", "-v", "0")
        if list(self.folder.glob("*/fixtures/demo.json")):
            self.manage(python, "loaddata", "-v", "0", "demo")
        self.manage(python, "createsuperuser", "--noinput", "-v", "0")
        self.collect_static_files(python)

    def collect_static_files(self, python: Path) -> None:
        if self.recipe.collects_static_files:
            self.manage(python, "collectstatic", "--noinput", "-v", "0")

    def own_tests(self, python: Path) -> list[str]:
        """The names of the host's tests, which all pass."""
        said = self.manage(python, "test", "-v", "2", "--noinput")
        tests = sorted(TEST.findall(said))
        assert f"Ran {len(tests)} tests" in said, said
        return tests

    def check(self, python: Path) -> list[str]:
        """The ids of what Django's checks say; none of it is an error."""
        return sorted(CHECK.findall(self.manage(python, "check")))

    def adopt(self) -> None:
        shutil.copytree(self.folder, self.folder.with_suffix(".before"))
        for line in self.recipe.lines:
            line.add(self.folder)

    def give_up(self) -> None:
        """Takes the lines out again; what was stored stays."""
        for name in {line.file for line in self.recipe.lines}:
            shutil.copy(self.folder.with_suffix(".before") / name, self.folder / name)

    @contextmanager
    def served(self, python: Path, server: str) -> Iterator[str]:
        """The host's address, served by daphne or uvicorn."""
        port = free_port()
        words = {"port": port, "asgi": self.recipe.asgi}
        with self.running(python, *(part.format(**words) for part in SERVERS[server])) as log:
            eventually(lambda: is_open(port), seconds=60, what=log.read_text)
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def running(self, python: Path, *arguments: str) -> Iterator[Path]:
        """The log of a process that goes on until it is no longer needed."""
        log = self.logs / f"{len(list(self.logs.iterdir()))}-{arguments[1]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(python), *arguments],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield log
        finally:
            end(process)

    def log(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')}" for path in sorted(self.logs.iterdir()))


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        # The process leads a group: celery's beat is its child.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running_valkey(folder: Path) -> Iterator[str]:
    """The URL of a Valkey of its own."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([server_binary(), *options], stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: is_open(port), what="Valkey answers")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextmanager
def postgres_variables(server: str) -> Iterator[dict[str, str]]:
    """libpq's variables for a new database."""
    with new_database(server) as url:
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
        variables = {
            "PGHOST": host,
            "PGPORT": str(parts.port or ""),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
            "PGDATABASE": parts.path.strip("/"),
        }
        yield {name: value for name, value in variables.items() if value}
