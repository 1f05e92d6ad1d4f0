"""Clients that the site refuses, under a real daphne: what they are told, and what is recorded about them."""

from __future__ import annotations

import concurrent.futures
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from avatar_site.logs.sparing_log import LINES
from tests.integration.rude_socket import RudeSocket, masked
from tests.site import APPLICATION, UNLIMITED, Site, close_code, eventually, free_port, receive, running_site

CLOSE = b"\x88\x80" + bytes(4)
LONG = 100_000_000


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A site with its database; nothing runs yet."""
    with running_site(tmp_path_factory.mktemp("refusals")) as site:
        site.migrate()
        yield site


@contextmanager
def serving(site: Site, *prefix: str, application: str = APPLICATION, **variables: str) -> Iterator[Site]:
    """A daphne on its own port, started with the site's command, without a line for each request."""
    before = site.environment
    site.port = free_port()
    site.url = f"http://127.0.0.1:{site.port}"
    site.environment = {**before, **variables}
    process = site.server(*prefix, "-m", "daphne", "-v", "0", "-p", str(site.port), application)
    try:
        yield site
    finally:
        site.environment = before
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A site that serves by its own defaults."""
    with running_site(tmp_path_factory.mktemp("plain")) as site:
        site.migrate()
        with serving(site):
            yield site


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A site with short deadlines, where avatars need a ticket."""
    with running_site(tmp_path_factory.mktemp("hasty"), AVATAR_AUTH="ticket") as site:
        site.migrate()
        with serving(site, application="tests.integration.hasty:application"):
            yield site


def exchanged(site: Site, head: bytes, more: bytes = b"", most: int = 0) -> tuple[bytes, int]:
    """What the server answers until it closes, and how many bytes of a body it accepted."""
    sent = 0
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as peer:
        try:
            peer.sendall(head)
            while sent < most:
                peer.sendall(more)
                sent += len(more)
        except OSError:
            pass
        answer = b""
        try:
            while data := peer.recv(65536):
                answer += data
        except ConnectionResetError:
            pass
    return answer, sent


def status(site: Site, path: str, host: str | None = None) -> int:
    request = urllib.request.Request(site.url + path, headers={"Host": host} if host else {})
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_refused_client_is_not_a_client_or_session_but_counted_by_cause(hasty):
    with hasty.viewer(hasty.sign_in()) as viewer:
        before = receive(viewer, "metrics")["server"]["refused"]
        with hasty.avatar("client_id=boss") as avatar:
            assert receive(avatar, "error")["code"] == "refused"
            assert close_code(avatar) == 4401
        with hasty.avatar("client_id=a%20b") as avatar:
            assert close_code(avatar) == 4400
        for _ in range(3):
            with pytest.raises(InvalidStatus, match="403"), connect(ws(hasty), origin="https://evil.test"):
                pass
        with pytest.raises(InvalidStatus, match="403"), connect(ws(hasty, "/ws/nosuch/")):
            pass

        def counted() -> dict | None:
            refused = receive(viewer, "metrics")["server"]["refused"]
            return refused if refused.get("origin", 0) >= before.get("origin", 0) + 3 else None

        counts = eventually(counted)
        frame = receive(viewer, "metrics")
    assert {cause: counts[cause] - before.get(cause, 0) for cause in ("ticket", "name", "origin", "application")} == {
        "ticket": 1, "name": 1, "origin": 3, "application": 1,
    }  # fmt: skip
    assert (frame["clients_total"], frame["clients"], frame["server"]["total_messages"]) == (0, [], 0)


def ws(site: Site, path: str = "/ws/avatar/") -> str:
    return f"ws://127.0.0.1:{site.port}{path}"


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"Content-Length: %d\r\n\r\n" % LONG, b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"Content-Length: %d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" % LONG, b"x" * 65536),
    ],
    ids=["its length is told", "in chunks", "of a handshake"],
)
def test_a_body_of_100_megabytes_is_not_accepted(hasty, head, more):
    answer, taken = exchanged(hasty, b"POST /nosuch HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head, more, LONG)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"at most 262144 bytes are allowed" in answer
    assert taken < LONG / 4


def test_a_client_that_expects_100_continue_is_refused_a_long_body(hasty):
    head = b"POST /nosuch HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % LONG
    answer, _ = exchanged(hasty, head)
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.", b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nab", b"HTTP/1.1 408 "),
        (b"", b""),
    ],
    ids=["a header's half", "a body's half", "nothing"],
)
def test_an_unfinished_request_is_closed(hasty, sent, answered):
    answer, _ = exchanged(hasty, sent)
    assert answer[: len(answered) or None] == answered


def test_a_request_that_arrives_byte_by_byte_is_closed_too(hasty):
    answer = b""
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=0.1) as peer:
        for byte in b"GET /" + b"a" * 300:
            peer.sendall(bytes([byte]))
            with suppress(TimeoutError):
                answer = peer.recv(1000)
                break
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_many_requests_on_one_connection_may_take_longer_than_one(hasty):
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=5) as peer:
        for _ in range(4):
            peer.sendall(request)
            assert peer.recv(4096).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.4)


RUDE = {
    "a bad message and a close in one packet": masked(b"x") + CLOSE,
    "a close and a bad message": CLOSE + masked(b"x"),
    "twenty bad messages and a close": masked(b"{") * 20 + CLOSE,
    "text that is no UTF-8": masked(b"\xff\xfe"),
    "a frame of a reserved kind": b"\x83\x80" + bytes(4),
    "a close without a mask": b"\x88\x00",
}


def test_no_bytes_of_a_client_cost_a_traceback(plain):
    before = len(plain.logs())
    for data in RUDE.values():
        for _ in range(3):
            with RudeSocket(plain.port, "/ws/avatar/") as rude:
                rude.send_raw(data)
    until_daphne_has_looked(plain)
    lines = plain.logs()[before:].splitlines()
    assert len(lines) <= len(RUDE), lines
    assert not traceback_of(lines), lines


def until_daphne_has_looked(site: Site) -> None:
    """Once a second it checks what its applications have raised; here three seconds pass."""
    with site.avatar() as avatar:
        avatar.send('{"type":"subscribe","channel":"metrics"}')
        for _ in range(4):
            receive(avatar, "metrics")


def traceback_of(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("Traceback", "  File"))]


REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /nosuch HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\na",
    b"G\xc3T / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /%00%ff%2e%2e HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /ws/avatar/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: \xff\r\n\r\n",
    b"GET /ws/avatar/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-\xff: 1\r\n\r\n",
]


def test_expected_events_are_a_few_lines_however_many_there_are(plain):
    before = len(plain.logs())
    for request in REQUESTS:
        for _ in range(12):
            with socket.create_connection(("127.0.0.1", plain.port), timeout=20) as peer:
                peer.sendall(request)
                peer.recv(1000)
    until_daphne_has_looked(plain)
    lines = plain.logs()[before:].splitlines()
    assert len(lines) <= 5 * len(REQUESTS), lines
    assert not traceback_of(lines), lines


def test_uvicorn_writes_only_a_few_lines_for_refused_clients(prepared):
    port = prepared.port = free_port()
    prepared.url, before = f"http://127.0.0.1:{port}", prepared.environment
    prepared.environment = {**before, "AVATAR_MAX_CONNECTIONS": "1"}
    options = ("--port", str(port), "--ws", "websockets-sansio", "--no-access-log")
    process = prepared.server("-m", "uvicorn", *options, APPLICATION)
    try:
        with ExitStack() as stack:
            assert b" 101 " in let_in(prepared, stack)
            for _ in range(20):
                assert b" 503 " in let_in(prepared, stack)
    finally:
        prepared.environment = before
        process.terminate()
        process.wait(10)
    lines = prepared.logs().splitlines()
    assert 0 < sum("without completing handshake" in line for line in lines) <= LINES, lines


HANDSHAKE = (
    b"GET /ws/avatar/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def limited(site: Site, soft: int, hard: int) -> AbstractContextManager[Site]:
    return serving(site, "-c", LIMITED.format(soft=soft, hard=hard))


def test_a_shortage_of_descriptors_keeps_avatars_out_before_viewers_and_health(prepared):
    with limited(prepared, 256, 256) as site:
        cookie = site.sign_in()
        with ExitStack() as stack:
            assert until_refused(site, stack) == b"HTTP/1.1 503 out of descriptors: the process may open 256 files"
            with site.viewer(cookie) as viewer:
                frame = eventually(lambda: (f := receive(viewer, "metrics"))["server"]["refused"] and f)
            assert (status(site, "/healthz"), status(site, "/readyz")) == (200, 200)
            assert 100 < frame["clients_total"] < 256 - 64
        assert frame["server"]["refused"] == {"descriptors": 1}
        assert "Too many open files" not in site.logs()


def let_in(site: Site, stack: ExitStack) -> bytes:
    """Opens one more WebSocket, which stays open until the stack ends; returns the first line of the answer."""
    peer = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=10))
    peer.sendall(HANDSHAKE % site.port)
    return peer.recv(4096).partition(b"\r\n")[0]


def until_refused(site: Site, stack: ExitStack) -> bytes:
    """Connects avatars until one is refused; returns the first line of the answer to it."""
    for _ in range(1024):
        line = let_in(site, stack)
        if b" 101 " not in line:
            return line
    raise AssertionError("nobody was refused")


@pytest.mark.deployment
def test_idle_connections_are_closed_when_descriptors_run_out(prepared):
    with limited(prepared, 256, 256) as site:
        idle = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(400)]
        try:
            assert status(site, "/healthz") == 200
            with site.viewer(site.sign_in()) as viewer:
                assert receive(viewer, "metrics")
        finally:
            for peer in idle:
                peer.close()


def test_the_soft_limit_is_raised_at_the_start(prepared):
    with limited(prepared, 256, 1024) as site, ExitStack() as stack:
        for _ in range(300):
            assert b" 101 " in let_in(site, stack)
        assert "1024" in os_limit(site.processes[-1].pid)


def os_limit(pid: int) -> str:
    return next(line for line in open(f"/proc/{pid}/limits") if line.startswith("Max open files"))


def proxied(site: Site, address: str):
    return connect(ws(site), additional_headers={"X-Forwarded-For": address}, max_queue=UNLIMITED)


def test_one_address_has_a_connection_limit_and_the_proxy_has_none(prepared):
    variables = {"AVATAR_TRUSTED_PROXIES": "127.0.0.1", "AVATAR_MAX_CONNECTIONS_PER_ADDRESS": "2"}
    with serving(prepared, **variables) as site, ExitStack() as stack:
        for address in ("1.2.3.4", "1.2.3.4", "1.2.3.5", "2001:db8::1", "2001:db8::2"):
            stack.enter_context(proxied(site, address))
        for _ in range(5):
            stack.enter_context(site.avatar())
        for address in ("1.2.3.4", "2001:db8::3", "6.6.6.6, 1.2.3.4"):
            with pytest.raises(InvalidStatus, match="429"), proxied(site, address):
                pass
        with proxied(site, "1.2.3.6") as another:
            receive(another, "welcome")


def test_the_total_number_of_connections_is_limited(prepared):
    with serving(prepared, AVATAR_MAX_CONNECTIONS="2") as site:
        with site.avatar(), site.avatar():
            with pytest.raises(InvalidStatus, match="503"), site.avatar():
                pass
            with site.viewer(site.sign_in()) as viewer:
                assert receive(viewer, "metrics")["clients_total"] == 2
        eventually(lambda: opens(site))


def opens(site: Site) -> bool:
    try:
        with site.avatar():
            return True
    except InvalidStatus:
        return False


def test_forty_guesses_at_once_hold_nobody_up(plain):
    cookie, token = csrf(plain)
    lags: list[float] = []
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.01):
            began = time.monotonic()
            assert status(plain, "/healthz") == 200
            lags.append(time.monotonic() - began)

    def guess(number: int) -> int:
        data = f"username=eve&password=wrong{number}&csrfmiddlewaretoken={token}".encode()
        request = urllib.request.Request(f"{plain.url}/login/", data, {"Cookie": cookie})
        try:
            return urllib.request.urlopen(request, timeout=60).status
        except urllib.error.HTTPError as error:
            return error.code

    asking = threading.Thread(target=ask)
    asking.start()
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(guess, range(40)))
    done.set()
    asking.join()
    # However parallel they are, the fifth wrong password is the last that is looked at.
    assert answers.count(200) <= 4
    assert set(answers) == {200, 429}
    assert len(lags) > 10, "the site's own health was hardly ever answered meanwhile"


def csrf(site: Site) -> tuple[str, str]:
    headers = urllib.request.urlopen(f"{site.url}/login/").headers
    cookie = headers["Set-Cookie"].split(";")[0]
    return cookie, cookie.partition("=")[2]
