"""Two nodes of one site are upgraded one after the other, as docs/operate.md says, and downgraded, while avatars send.

The older release is taken from the repository's history: a clone without it fetches that one commit.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from avatar_site.supervisor.embedded_valkey import EmbeddedValkey
from tests.site import ROOT, Site, eventually, free_port, receive

OLDER = "3b59a329de4b44088418794f5a887269b95a877f"
AVATARS = 8
LONGEST_GAP = 2.5
LINES = re.compile(r"^(?:\S+ \S+ )?(?:WARNING|ERROR|CRITICAL)|^Traceback", re.MULTILINE)
MOST_LINES = 8
"""Of a whole upgrade, in which avatars send thousands of messages."""

SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user = User.objects.get(username="admin")
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""
STORE = "from monitoring.tasks import roll_up, store_snapshots; store_snapshots(); roll_up()"
STORED = """
import json
from monitoring.models import ClientSession, Minute, Node
rows = Minute.objects.exclude(node="").values_list("boot", "messages")
print(json.dumps([sum(messages for _, messages in rows), sum(node.missed for node in Node.objects.all())]))
"""


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)


@pytest.fixture(scope="module")
def older_release(tmp_path_factory) -> Path:
    """The files of the older release."""
    if git("cat-file", "-e", f"{OLDER}^{{commit}}").returncode:
        fetched = git("fetch", "--quiet", "--depth=1", "origin", OLDER)
        if fetched.returncode and not os.environ.get("CI"):
            pytest.skip(f"this clone has no commit {OLDER[:7]}, nor has its origin: {fetched.stderr.decode().strip()}")
    root = tmp_path_factory.mktemp("older")
    archive = git("archive", OLDER)
    assert archive.returncode == 0, archive.stderr.decode()
    subprocess.run(["tar", "-x", "-C", str(root)], input=archive.stdout, check=True)
    return root


class Nodes:
    """Two servers of one site, each running one of the releases."""

    def __init__(self, older: Site, newer: Site) -> None:
        self.older, self.newer = older, newer
        self.ports = free_port(), free_port()
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def run(self, which: int, release: Site) -> None:
        """Makes a node run this release; stops it first if it runs."""
        port = self.ports[which]
        if port in self._running:
            self.stop(which)
        self._running[port] = release.daphne(port)

    def stop(self, which: int) -> None:
        process = self._running.pop(self.ports[which])
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, self.logs()

    def logs(self) -> str:
        return f"older release:\n{self.older.logs()}\nnewer release:\n{self.newer.logs()}"


@pytest.fixture
def nodes(tmp_path, older_release) -> Iterator[Nodes]:
    valkey = EmbeddedValkey(tmp_path / "redis")
    valkey.start()
    shared = {"REDIS_URL": f"unix://{valkey.socket}?db=0", "AVATAR_DATA_DIR": str(tmp_path / "data")}
    releases = []
    for name, root in (("older", older_release), ("newer", ROOT)):
        (tmp_path / name).mkdir()
        releases.append(Site(tmp_path / name, **shared))
        releases[-1].root = root
    older, newer = releases
    older.migrate_step_by_step()
    yield Nodes(older, newer)
    for site in releases:
        site.end()
    valkey.stop()


class Client(threading.Thread):
    """Stays connected to one of the nodes, to the other if that one goes, and moves back when it is told to.

    `finish` raises its errors.
    """

    def __init__(self, ports: tuple[int, int], first: int, path: str, cookie: str = "") -> None:
        super().__init__(daemon=True)
        self.ports = cycle([ports[first], ports[1 - first]])
        self.path, self.cookie = path, cookie
        self.error: Exception | None = None
        self.over, self.to_move = threading.Event(), threading.Event()

    def move(self) -> None:
        self.to_move.set()

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._visit(next(self.ports))
        except Exception as error:
            self.error = error

    def _visit(self, port: int) -> None:
        try:
            with connect(
                f"ws://127.0.0.1:{port}{self.path}", additional_headers={"Cookie": self.cookie}, max_size=None
            ) as socket:
                while not (self.over.is_set() or self.to_move.is_set()):
                    self.turn(socket)
                self.to_move.clear()
        except (ConnectionClosed, ConnectionError, InvalidHandshake, TimeoutError, EOFError):
            time.sleep(0.05)

    def turn(self, socket) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        self.over.set()
        self.join(20)
        assert self.error is None, self.error


class Avatar(Client):
    """Sends one message after the other; each answered one was handled."""

    sent = answered = 0

    def turn(self, socket) -> None:
        self.sent += 1
        socket.send(json.dumps({"type": "ping", "t": self.sent}))
        receive(socket, "pong")
        self.answered += 1
        time.sleep(0.05)


class Viewer(Client):
    """Knows which seconds it was shown, in frames or in the history of a connection."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.seconds: set[float] = set()

    def turn(self, socket) -> None:
        message = json.loads(socket.recv(timeout=5))
        if message["type"] == "metrics":
            self.seconds.add(message["timestamp"])
        elif message["type"] == "history":
            self.seconds |= {sample["timestamp"] for sample in message["samples"]}

    @property
    def longest_gap(self) -> float:
        return max(later - sooner for sooner, later in pairwise(sorted(self.seconds)))


@contextmanager
def crowd(nodes: Nodes) -> Iterator[tuple[list[Avatar], list[Viewer]]]:
    """Avatars and a viewer on each node."""
    key = nodes.older.shell(SESSION)
    name = nodes.newer.shell("from django.conf import settings; print(settings.SESSION_COOKIE_NAME)")
    cookie = f"sessionid={key}; {name}={key}"
    avatars = [Avatar(nodes.ports, number % 2, f"/ws/avatar/?client_id=a{number}") for number in range(AVATARS)]
    viewers = [Viewer(nodes.ports, number, "/ws/metrics/", cookie) for number in range(2)]
    for client in (*avatars, *viewers):
        client.start()
    try:
        yield avatars, viewers
    finally:
        with ExitStack() as stack:
            for client in (*avatars, *viewers):
                stack.callback(client.finish)


def goes_on(avatars: list[Avatar], viewers: list[Viewer], nodes: Nodes) -> None:
    """Waits until all have sent and seen some more."""
    answered = {avatar: avatar.answered for avatar in avatars}
    seen = {viewer: max(viewer.seconds, default=0.0) for viewer in viewers}
    eventually(
        lambda: (
            all(avatar.answered > before + 5 for avatar, before in answered.items())
            and all(max(viewer.seconds, default=0.0) > before + 2 for viewer, before in seen.items())
        ),
        seconds=30,
        what=lambda: f"{[avatar.answered for avatar in avatars]} {viewers}\n{nodes.logs()}",
    )


@pytest.mark.deployment
def test_upgrading_node_by_node_and_back_loses_nothing(nodes):
    older, newer = nodes.older, nodes.newer
    for which in (0, 1):
        nodes.run(which, older)
    with crowd(nodes) as (avatars, viewers):
        goes_on(avatars, viewers, nodes)
        older.shell(STORE)
        # Here the older release's worker and beat are stopped, and the database is migrated.
        newer.manage("migrate", "-v", "0")
        nodes.run(0, newer)
        for client in (*avatars[::2], viewers[0]):
            client.move()
        goes_on(avatars, viewers, nodes)
        newer.shell(STORE)
        nodes.run(1, newer)
        goes_on(avatars, viewers, nodes)
    for which in (0, 1):
        nodes.stop(which)
    newer.shell(STORE)
    assert [viewer.longest_gap for viewer in viewers if viewer.longest_gap > LONGEST_GAP] == []
    messages, missed = json.loads(newer.shell(STORED))
    sent, answered = (sum(getattr(avatar, name) for avatar in avatars) for name in ("sent", "answered"))
    assert answered <= messages <= sent
    assert missed == 0
    assert len(LINES.findall(nodes.logs())) <= MOST_LINES, nodes.logs()
    # And back: nothing waits any more, and the newer release undoes its migrations.
    newer.manage("migrate", "avatar_monitoring", "0005", "-v", "0")
    for which in (0, 1):
        nodes.run(which, older)
    with crowd(nodes) as (later, viewers):
        goes_on(later, viewers, nodes)
    for which in (0, 1):
        nodes.stop(which)
    older.shell(STORE)
    again, missed = json.loads(older.shell(STORED))
    assert sum(avatar.answered for avatar in later) <= again - messages <= sum(avatar.sent for avatar in later)
    assert missed == 0
