"""A host's clients get the same answers and close codes with the product as without it, on every server."""

from __future__ import annotations

import importlib.util
import json
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.site import close_code, eventually, running_site

APPLICATION = "tests.adoption.echo_host:application"
SIZES = [1, 125, 126, 65_535, 65_536, 65_537, 70_000, 1 << 20, (1 << 20) + 1, 5 << 20]
FRAGMENTS, PINGS = 5_000, 1_000
STOPPING_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """How a server is started; PORT is the site's. `needs` is what must be installed for it."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...]
    measures: bool = False
    stops: bool = True
    """Whether it always stops while a client is connected: granian by itself sometimes waits for the client."""

    def __str__(self) -> str:
        return self.name


def uvicorn(ws: str, *more: str, needs: str = "websockets", measures: bool = False) -> Server:
    name = "-".join(["uvicorn", ws, *(text.lstrip("-") for text in more)])
    return Server(name, ("uvicorn", "--ws", ws, "--port", "PORT", *more), ("uvicorn", needs), measures)


def gunicorn(worker: str, needs: str, *, measures: bool = False) -> Server:
    command = ("gunicorn", "-k", worker, "-b", "127.0.0.1:PORT", "--graceful-timeout", "3")
    return Server(f"gunicorn-{needs}", command, ("gunicorn", needs), measures)


SERVERS = [
    Server("daphne", ("daphne", "-p", "PORT"), ("daphne",), measures=True),
    uvicorn("websockets-sansio", measures=True),
    uvicorn("websockets-sansio", "--lifespan", "off", measures=True),
    uvicorn("websockets", measures=True),
    uvicorn("wsproto", needs="wsproto", measures=True),
    gunicorn("asgi", "gunicorn.workers.gasgi"),
    gunicorn("uvicorn_worker.UvicornWorker", "uvicorn_worker", measures=True),
    Server("hypercorn", ("hypercorn", "-b", "127.0.0.1:PORT"), ("hypercorn",)),
    Server("granian", ("granian", "--interface", "asgi", "--port", "PORT"), ("granian",), stops=False),
]


@pytest.fixture(
    params=[pytest.param(one, id=str(one), marks=[] if number == 0 else pytest.mark.adoption)
            for number, one in enumerate(SERVERS)]
)  # fmt: skip
def server(request) -> Server:
    missing = [name for name in request.param.needs if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed")
    return request.param


class Host:
    """One start of the host under a server."""

    def __init__(self, site: Any, server: Server, kind: str) -> None:
        self.site = site
        site.environment["HOST"] = kind
        site.environment["DJANGO_SETTINGS_MODULE"] = ""
        command = [text.replace("PORT", str(site.port)) for text in server.command]
        self.process = site.server("-m", *command, APPLICATION)
        eventually(self._serves, seconds=30, what=site.logs)

    def _serves(self) -> bool:
        try:
            with self.client("/async/") as client:
                return echoed(client, "are you there") == "echoed"
        except (OSError, InvalidStatus, ConnectionClosed):
            return False

    def client(self, path: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.site.port}{path}",
            compression=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            open_timeout=20,
        )

    def stop(self) -> tuple[list[int | None], int]:
        """The close codes that open clients see at a SIGTERM, and the exit code of the server."""
        with self.client("/async/") as one, self.client("/sync/") as other:
            assert [echoed(client, "hello") for client in (one, other)] == ["echoed"] * 2
            self.process.send_signal(signal.SIGTERM)
            codes = [close_code(client, seconds=STOPPING_SECONDS) for client in (one, other)]
        exit_code = self.process.wait(STOPPING_SECONDS)
        # daphne alone dies of a segmentation fault if it is stopped within a second of a handshake.
        return codes, 0 if exit_code == -signal.SIGSEGV else exit_code


def echoed(client: ClientConnection, message: str | bytes | list[str]) -> str:
    """What became of a message: it was echoed, or the connection was closed, and how."""
    whole = "".join(message) if isinstance(message, list) else message
    try:
        client.send(message)
        return "echoed" if client.recv(timeout=60) == whole else "changed"
    except ConnectionClosed as closed:
        return f"closed {closed.rcvd.code if closed.rcvd else None}"


def outcome(client: ClientConnection, command: str) -> int | None:
    client.send(command)
    return close_code(client, seconds=20)


def transcript(host: Host, path: str) -> dict[str, Any]:
    """Everything that a client sees of the host on this path."""
    seen: dict[str, Any] = {}
    for size in SIZES:
        for kind, payload in (("text", "é" + "x" * (size - 1)), ("binary", bytes(size))):
            with host.client(path) as client:
                seen[f"{kind} of {size}"] = echoed(client, payload)
    with host.client(path) as client:
        seen["fragments"] = echoed(client, ["x"] * FRAGMENTS)
    with host.client(path) as client:
        pongs = [client.ping() for _ in range(PINGS)]
        seen["pings"] = sum(pong.wait(20) for pong in pongs)
        seen["message after pings"] = echoed(client, "hello")
    with host.client(path) as client:
        client.send("burst")
        time.sleep(0.5)  # reads slowly, which is the point
        seen["slow reader"] = sum(len(client.recv(timeout=20)) for _ in range(64))
    with host.client(path) as client:
        seen["closed by the host"] = outcome(client, "close 4321")
    with host.client(path) as client:
        seen["the host raises"] = outcome(client, "raise")
    with suppress(InvalidStatus), host.client("/nowhere/"):
        seen["unknown path"] = "opened"
    return seen


def everything(directory: Any, server: Server, kind: str) -> dict[str, Any]:
    directory.mkdir()
    with running_site(directory) as site:
        host = Host(site, server, kind)
        seen = {path: transcript(host, path) for path in ("/async/", "/sync/")}
        if server.stops:
            seen["stop"] = host.stop()
        if kind == "enabled":
            assert "wrapped" not in site.logs()
            assert "PerformanceMonitor" not in site.logs()
    return seen


def test_clients_see_the_same_with_and_without_it(server, tmp_path):
    plain = everything(tmp_path / "plain", server, "plain")
    for kind in ("enabled", "disabled"):
        assert everything(tmp_path / kind, server, kind) == plain


def test_every_message_of_a_host_is_counted_and_what_a_server_cannot_measure_is_said(server, tmp_path):
    texts = ["x" * size for size in (1, 125, 126, 65_536, 70_000, 1 << 20)]
    with running_site(tmp_path) as site:
        host = Host(site, server, "enabled")
        with host.client("/async/?client_id=ada") as client, host.client("/counted/") as counted:
            assert [echoed(client, text) for text in texts] == ["echoed"] * len(texts)

            def metrics() -> dict[str, Any]:
                counted.send("now")
                return json.loads(counted.recv(timeout=10))

            (row,) = metrics()["clients"]
            assert row["client_id"] == "ada"
            assert row["message_count"] == len(texts)
            assert row["bytes_received"] == row["bytes_sent"] == sum(map(len, texts))
            if server.measures:
                eventually(lambda: metrics()["clients"][0]["average_latency_ms"], seconds=15)
                assert metrics()["server"]["round_trips"] == "ping frames"
            else:
                name = server.name.partition("-")[0]
                assert metrics()["server"]["round_trips"] == f"not reported by {name}"
                assert metrics()["server"]["p50_latency_ms"] is None
