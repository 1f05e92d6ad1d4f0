"""What each server shows of its clients, held against the table in docs/signals.md, and what the signals then say."""

import asyncio
import importlib.util
import json
import ssl
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.certificates import make_certificate
from tests.docs.pages import names, page, section
from tests.faults.network_proxy import BadNetwork, bad_network
from tests.site import Site, eventually, running_site
from tests.tls import tls_socket

APPLICATION = "tests.integration.signals_host:application"
PASSING = {"unanswered_ms"}
"""Known only while a ping is on its way."""

TLS = ("--ssl-keyfile", "KEY", "--ssl-certfile", "CERTIFICATE")
ENDPOINT = "ssl:PORT:interface=127.0.0.1:privateKey=KEY:certKey=CERTIFICATE"
CERTIFIED = ("--keyfile", "KEY", "--certfile", "CERTIFICATE")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="TCP_INFO is Linux's")


@dataclass(frozen=True)
class Kind:
    """How a server is started, and its column in the table."""

    column: str
    command: tuple[str, ...]
    needs: str

    @property
    def is_tls(self) -> bool:
        return any("CERTIFICATE" in text for text in self.command)


GUNICORN = ("gunicorn", "-b", "127.0.0.1:PORT", "-k")
UVICORN = ("uvicorn", "--port", "PORT")
HYPERCORN = ("hypercorn", "-b", "127.0.0.1:PORT")

KINDS = {
    "daphne": Kind("daphne", ("daphne", "-p", "PORT"), "daphne"),
    "daphne with TLS": Kind("daphne", ("daphne", "-e", ENDPOINT), "daphne"),
    "uvicorn": Kind("uvicorn", UVICORN, "uvicorn"),
    "uvicorn with TLS": Kind("uvicorn", (*UVICORN, *TLS), "uvicorn"),
    "uvicorn with wsproto": Kind("uvicorn", (*UVICORN, "--ws", "wsproto"), "wsproto"),
    "uvicorn with websockets": Kind("uvicorn --ws websockets", (*UVICORN, "--ws", "websockets"), "uvicorn"),
    "uvicorn in gunicorn": Kind("uvicorn", (*GUNICORN, "uvicorn_worker.UvicornWorker"), "uvicorn_worker"),
    "gunicorn": Kind("gunicorn asgi", (*GUNICORN, "asgi"), "gunicorn.asgi"),
    "gunicorn with TLS": Kind("gunicorn asgi", (*GUNICORN, "asgi", *CERTIFIED), "gunicorn.asgi"),
    "hypercorn": Kind("hypercorn", HYPERCORN, "hypercorn"),
    "hypercorn with TLS": Kind("hypercorn", (*HYPERCORN, *CERTIFIED), "hypercorn"),
    "granian": Kind("granian", ("granian", "--interface", "asgi", "--port", "PORT"), "granian"),
}


def params_of(names: Iterable[str]) -> list[Any]:
    return [pytest.param(name, marks=[] if name == "uvicorn" else pytest.mark.deployment) for name in names]


@pytest.fixture(
    scope="module",
    params=params_of(KINDS),
)
def kind(request) -> Kind:
    kind = KINDS[request.param]
    package = kind.needs.partition(".")[0]
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(kind.needs) is None:
        pytest.skip(f"{kind.needs} is not installed")
    return kind


@pytest.fixture(scope="module")
def served(kind, tmp_path_factory) -> Iterator[Site]:
    """The host under that server."""
    directory = tmp_path_factory.mktemp("signals")
    with running_site(directory) as site:
        site.migrate()
        files = make_certificate(directory, "localhost") if kind.is_tls else ("", "")
        told = {"PORT": site.port, "KEY": files[0], "CERTIFICATE": files[1]}
        command = list(kind.command)
        for name, value in told.items():
            command = [text.replace(name, str(value)) for text in command]
        site.server("-m", *command, APPLICATION)
        yield site


def documented(column: str) -> dict[str, bool]:
    """Each signal that depends on the server, and whether this one gives it."""
    head, _, *lines = [line for line in page("signals.md").splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *lines)]
    place = table[0].index(next(cell for cell in table[0] if cell.replace("`", "") == column))
    return {row[0].strip("`"): row[place] == "yes" for row in table[1:]}


@contextmanager
def client(site: Site, kind: Kind, name: str, port: int | None = None) -> Iterator[ClientConnection]:
    port = port or site.port
    sock = None
    if kind.is_tls:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        sock = tls_socket("127.0.0.1", port, trusting)
    url = f"ws://127.0.0.1:{port}/?client_id={name}"
    # A client that takes no messages stops reading once these few wait for it.
    with connect(url, sock=sock, compression=None, max_size=None, max_queue=2, close_timeout=1) as connection:
        yield connection


def asking(connection: ClientConnection, name: str) -> Callable[[], dict[str, float]]:
    """What is known of a client, by one that asks for it."""

    def ask() -> dict[str, float]:
        connection.send(f"signals {name}")
        known = json.loads(connection.recv(timeout=10))
        return {key: value for key, value in known.items() if value is not None}

    return ask


def test_the_table_has_every_signal_that_a_server_gives():
    assert len(documented("daphne")) == len([line for line in page("signals.md").splitlines() if "| yes |" in line])
    assert names([section(page("signals.md"), "What the server does")]) >= {"refused_messages", "pauses"}


def test_each_server_gives_what_the_table_says(served, kind):
    gives = documented(kind.column)
    known: set[str] = set()
    with client(served, kind, "ada") as ada, client(served, kind, "bob") as bob:
        ask = asking(bob, "ada")

        def all_seen() -> bool:
            # Two at once, so that one of them waits.
            for _ in range(2):
                ada.send("hold 0.01")
            known.update(ask())
            return {name for name, is_given in gives.items() if is_given} - PASSING <= known

        eventually(all_seen, seconds=20, what=lambda: f"{kind}: only {sorted(known)}")
        # What is not given does not come later either.
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            all_seen()
    assert known.isdisjoint(name for name, is_given in gives.items() if not is_given)


def test_a_client_that_stops_reading_shows_by_what_waits_for_it(served, kind):
    gives = documented(kind.column)
    with client(served, kind, "deaf") as deaf, client(served, kind, "bob") as bob:
        ask = asking(bob, "deaf")
        deaf.send("flood 300")
        waits = {"not_read_ms", "unsent_kernel_bytes", "unsent_bytes"}
        # That implementation is not pinged while something waits.
        waits |= set() if kind.column == "uvicorn --ws websockets" else PASSING
        seen: set[str] = set()

        def shown() -> bool:
            seen.update(name for name, value in ask().items() if value > 0)
            return {name for name in waits if gives[name]} <= seen

        eventually(shown, seconds=20, what=lambda: f"{kind}: only {sorted(seen)}")
        # Its own socket is closed at once; a farewell would wait for what it has not read.
        deaf.socket.close()


@pytest.mark.parametrize(
    "kind", params_of(name for name in KINDS if documented(KINDS[name].column)["ping_ms"]), indirect=True
)
async def test_what_passes_beyond_a_proxy_shows_in_the_ping_and_not_in_the_kernel_s_round_trip(served, kind):
    delay = 0.1
    async with bad_network(served.port, BadNetwork(delay=delay)) as network:

        def read() -> dict[str, float]:
            with client(served, kind, "far", network.port), client(served, kind, "bob") as bob:
                ask = asking(bob, "far")
                return eventually(lambda: (known := ask()).get("ping_ms") and known, seconds=20)

        known = await asyncio.to_thread(read)
    assert known["ping_ms"] >= 2 * delay * 1000
    assert known["kernel_min_rtt_ms"] < delay * 1000
