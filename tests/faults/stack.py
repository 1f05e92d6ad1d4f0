"""A site in parts that a test can stop, kill and hang one by one."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from monitoring import redis_connections
from tests.site import Site, eventually

QUICK = "tests.faults.quick_celery"
CELERY = ("-m", "celery", "--quiet", "--app")
WORKER = ("worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=INFO")


class Stack(Site):
    """A site with the test's own Valkey, whose beat stores every second. Nothing runs at first."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.valkey = EmbeddedValkey(directory / "redis")
        self.redis_url = f"unix://{self.valkey.socket}?db=0"
        super().__init__(directory, REDIS_URL=self.redis_url, AVATAR_SITE="test", **variables)

    @property
    def spill(self) -> Path:
        return self.directory / "data" / "spill"

    @property
    def database(self) -> Path:
        return self.directory / "data" / "db.sqlite3"

    def worker(self, app: str = QUICK) -> subprocess.Popen[bytes]:
        number = len(self.processes)
        return self.spawn(*CELERY, app, *WORKER, f"--hostname=worker{number}@test")

    def beat(self) -> subprocess.Popen[bytes]:
        schedule = self.directory / f"schedule-{len(self.processes)}"
        return self.spawn(*CELERY, QUICK, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=WARNING")

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        return (self.directory / f"process-{self.processes.index(process)}.log").read_text(errors="replace")

    def connect(self) -> Redis:
        return redis_connections.connect(self.redis_url, seconds=5)

    def ask(self, sql: str) -> list[Any]:
        """Rows of the database, without using any of our code."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                return connection.execute(sql).fetchall()
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(sql).fetchall()

    def minutes(self) -> list[tuple[str, int, int, float]]:
        """Boot, start, messages and coverage of each minute of each node."""
        return self.ask(
            "SELECT boot, epoch, messages, coverage FROM avatar_monitoring_minute WHERE node != '' ORDER BY epoch, boot"
        )

    def messages(self) -> int:
        """How many are stored; the fleet's minutes must agree with the nodes'."""
        nodes, fleet = self.ask(
            "SELECT SUM(CASE WHEN node != '' THEN messages END), SUM(CASE WHEN node = '' THEN messages END) "
            "FROM avatar_monitoring_minute"
        )[0]
        assert nodes == fleet
        return int(nodes or 0)

    def drained(self) -> Callable[[], bool]:
        """Whether a worker has stored everything twice since this was called: duplicates have arrived by then."""
        before = self._drained_at()
        seen = {before}

        def is_drained() -> bool:
            seen.add(self._drained_at())
            return len(seen) > 2

        return is_drained

    def stores(self, messages: int, *, seconds: float = 60) -> None:
        """Waits until this many are stored, no more and no fewer."""
        eventually(lambda: self.messages() >= messages, seconds=seconds, what=f"{messages} are stored")
        eventually(self.drained(), seconds=60, what="the worker goes on")
        assert self.messages() == messages

    def _drained_at(self) -> Any:
        return next(iter(self.ask("SELECT drained_at FROM avatar_monitoring_journalcursor")), None)

    def end(self) -> None:
        super().end()
        self.valkey.stop()


@contextmanager
def running_stack(directory: Path, **variables: str) -> Iterator[Stack]:
    stack = Stack(directory, **variables)
    try:
        stack.valkey.start()
        stack.migrate()
        yield stack
    finally:
        stack.end()


@contextmanager
def hung(pid: int | None) -> Iterator[None]:
    """The process neither runs nor dies."""
    assert pid is not None
    subprocess.run(["kill", f"-{signal.SIGSTOP.value}", str(pid)], check=True)
    try:
        yield
    finally:
        subprocess.run(["kill", f"-{signal.SIGCONT.value}", str(pid)], check=True)
