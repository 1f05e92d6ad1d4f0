"""Two processes answer the same alerts at the same moment, on either database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.postgres import new_database, running_postgres
from tests.site import ROOT

ALERTS = 40


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def environment(request, tmp_path) -> Iterator[dict[str, str]]:
    """The variables of processes that share an empty database."""
    own = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "avatar_site.settings",
        "AVATAR_DATA_DIR": str(tmp_path),
        "AVATAR_SITE": "races",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "",
    }
    if request.param == "SQLite":
        yield own
        return
    with running_postgres() as server, new_database(server) as url:
        yield {**own, "DATABASE_URL": url}


class Pair:
    """Two processes that do something at the same moment."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.integration.answering"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.processes = [subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) for _ in range(2)]
        for process in self.processes:
            assert process.stdout.readline() == "ready\n"

    def do(self, *lines: str) -> list[dict[str, Any]]:
        """What the first process says that it did, and the second one if there are two lines."""
        used = self.processes[: len(lines)]
        for process, line in zip(used, lines, strict=True):
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        return [json.loads(process.stdout.readline()) for process in used]

    def end(self) -> None:
        for process in self.processes:
            process.communicate(timeout=60)


@pytest.fixture
def pair(environment) -> Iterator[Pair]:
    pair = Pair(environment)
    try:
        yield pair
    finally:
        pair.end()


def test_of_two_who_answer_one_is_first_and_storing_reopens_nothing(pair):
    pair.do(f"prepare {ALERTS}")
    ann, bob = pair.do("acknowledge ann", "acknowledge bob")
    # Both name the same one as the first for each alert.
    assert ann["one by one"] == bob["one by one"]
    assert sum(ann["one by one"].values()) == ALERTS / 2
    assert ann["done"] + bob["done"] == ALERTS / 2
    assert ann["done"] + ann["already"] == bob["done"] + bob["already"] == ALERTS

    resolved, _ = pair.do("resolve ann", "store turns")
    (found,) = pair.do("look -")
    assert resolved == {"done": ALERTS}
    assert found["entries"] == {"acknowledged": ALERTS, "resolved": ALERTS}
    assert (found["firing"], found["by hand"]) == (0, ALERTS)
    assert set(found["acknowledged by"]) <= {"ann", "bob"}
