"""Two containers with one host name: their servers are process 1, each with its own PID namespace and directory."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.crowd import crowd, say, seen, stored
from tests.site import APPLICATION, free_port

ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def why_not() -> str:
    if shutil.which("unshare") is None:
        return "there is no unshare"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else ""


@pytest.mark.skipif(bool(reason := why_not()), reason=f"no PID namespace of its own here: {reason}")
def test_two_nodes_with_one_name_are_shown_and_stored_under_distinct_names(shared):
    ports = [shared.port, free_port()]
    data = shared.directory / "data"
    shared.environment["DATABASE_URL"] = f"sqlite:///{data / 'db.sqlite3'}"
    shared.environment["DJANGO_SECRET_KEY"] = secrets.token_urlsafe(48)
    for port in ports:
        shared.environment["AVATAR_DATA_DIR"] = str(shared.directory / f"container-{port}")
        command = [*ALONE, sys.executable, "-m", "daphne", "-p", str(port), APPLICATION]
        shared.server("-c", "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])", *command, port=port)
    cookie = shared.sign_in()
    with crowd(shared, 3, ports[0], "here") as some, crowd(shared, 2, ports[1], "there") as others:
        say([*some, *others], 4)
        for port in ports:
            with shared.viewer(cookie, port) as viewer:
                frame = seen(viewer, whole, "5 clients of two nodes", shared)
            names = {node["node"] for node in frame["nodes"]}
            assert names == {f"{socket.gethostname()}:{number}" for number in (1, 2)}
            assert {row["node"] for row in frame["clients"]} == names
            assert frame["server"]["total_messages"] == 20
    for process in shared.processes:
        os.kill(child_of(process.pid), signal.SIGTERM)
        process.wait(20)
    assert stored(shared) == (2, 5, 20), shared.logs()


def whole(frame: dict) -> dict | None:
    return frame if (len(frame["nodes"]), len(frame["clients"])) == (2, 5) else None


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
