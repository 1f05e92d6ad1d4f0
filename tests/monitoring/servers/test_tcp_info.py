"""TCP_INFO of real sockets, and how each server's `send` leads to its socket."""

import asyncio
import socket
import sys
from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import pytest

from monitoring.core.kernel_view import TcpInfo
from monitoring.servers.tcp_info import FIELDS, parsed, socket_view_of, tcp_info

ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="TCP_INFO is Linux's")

RAW = FIELDS.pack(1_200, 25_000, 3, 4_096, 20_000, 750_000)


@pytest.fixture
def pair():
    """A connection: the server's socket and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        server, _ = listening.accept()
        with server, client:
            yield server, client


def test_times_are_milliseconds():
    assert parsed(RAW) == TcpInfo(25.0, 20.0, 3, 750.0, 4096, 1200)


@pytest.mark.parametrize(
    ("size", "known"),
    [
        (0, ()),
        (71, ()),
        (72, ("rtt_ms", "last_data_recv_ms")),
        (104, ("rtt_ms", "last_data_recv_ms", "retransmits")),
        (151, ("rtt_ms", "last_data_recv_ms", "retransmits")),
        (152, ("rtt_ms", "last_data_recv_ms", "retransmits", "notsent_bytes", "min_rtt_ms")),
        (160, ("rtt_ms", "last_data_recv_ms", "retransmits", "notsent_bytes", "min_rtt_ms")),
        (183, ("rtt_ms", "last_data_recv_ms", "retransmits", "notsent_bytes", "min_rtt_ms")),
        (184, TcpInfo._fields),
    ],
)
def test_an_older_kernel_tells_less(size, known):
    found = parsed(RAW[:size])
    assert {name for name in TcpInfo._fields if getattr(found, name) is not None} == set(known)


def test_a_round_trip_that_was_not_measured_yet_is_not_known():
    assert parsed(FIELDS.pack(0, 0, 0, 0, 0xFFFFFFFF, 0))[:2] == (None, None)
    assert parsed(FIELDS.pack(0, 0, 0, 0, 0, 0))[:2] == (None, None)


@ON_LINUX
def test_a_real_connection(pair):
    server, client = pair
    client.sendall(b"hello")
    server.recv(5)
    found = tcp_info(server)
    assert 0 < found.min_rtt_ms <= found.rtt_ms
    assert (found.retransmits, found.rwnd_limited_ms, found.notsent_bytes) == (0, 0.0, 0)


@ON_LINUX
def test_a_peer_that_does_not_read_fills_its_window(pair):
    server, _ = pair
    server.setblocking(False)
    with suppress(BlockingIOError):
        while server.send(bytes(1_000_000)):
            pass
    while not tcp_info(server).rwnd_limited_ms:
        pass
    assert tcp_info(server).notsent_bytes > 0


def test_a_closed_socket_tells_nothing(pair):
    server, _ = pair
    server.close()
    assert tcp_info(server) is None


@pytest.mark.parametrize("family", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_socket_without_tcp_tells_nothing(family):
    one, other = socket.socketpair(socket.AF_UNIX, family)
    with one, other:
        assert tcp_info(one) is None


def test_another_system_tells_nothing(pair, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert tcp_info(pair[0]) is None


class Asyncio(asyncio.Protocol):
    """As uvicorn's and gunicorn's protocols are."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()

    async def send(self, message: dict) -> None:
        """Never called."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.connected.set()


@ON_LINUX
async def test_the_socket_of_asyncio_is_found_until_it_is_closed():
    protocol = Asyncio()
    server = await asyncio.get_running_loop().create_server(lambda: protocol, "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await protocol.connected.wait()
        found = socket_view_of(protocol.send)
        assert found.kernel().min_rtt_ms > 0
        assert found.unsent() == 0
        protocol.transport.abort()
        writer.close()
        await asyncio.sleep(0)
        assert found.kernel() is None


class Stream:
    """As hypercorn's are: one sends by the next, and the last one has the connection."""

    def __init__(self, **parts: object) -> None:
        vars(self).update(parts)

    async def app_send(self, message: dict) -> None:
        """Never called."""


class Showing:
    """An asyncio transport that shows this socket."""

    def __init__(self, shown: socket.socket) -> None:
        self.shown = shown

    def get_extra_info(self, name: str) -> socket.socket | None:
        return self.shown if name == "socket" else None


@ON_LINUX
def test_the_socket_of_hypercorn_is_behind_its_streams(pair):
    connection = Stream(writer=SimpleNamespace(transport=Showing(pair[0])))
    http = Stream(send=connection.app_send)
    assert socket_view_of(Stream(send=http.app_send).app_send).kernel().min_rtt_ms > 0


@ON_LINUX
@pytest.mark.parametrize("is_wrapped", [False, True], ids=["plain", "TLS"])
def test_the_socket_of_twisted_is_found_until_it_is_dropped(pair, is_wrapped):
    transport = plain = SimpleNamespace(socket=pair[0])
    if is_wrapped:
        transport = SimpleNamespace(transport=plain)
    found = socket_view_of(partial(print, SimpleNamespace(transport=transport)))
    assert found.kernel().min_rtt_ms > 0
    del plain.socket
    assert found.kernel() is None


@pytest.mark.parametrize("send", [print, lambda _message: None, partial(print), Stream().app_send, object()])
def test_a_server_may_not_show_its_socket(send):
    assert socket_view_of(send) is None


def test_whatever_a_transport_does_nobody_hears_of_it():
    class Broken:
        def get_extra_info(self, name: str) -> None:
            raise RuntimeError(name)

        def get_write_buffer_size(self) -> None:
            raise RuntimeError

    found = socket_view_of(Stream(transport=Broken()).app_send)
    assert (found.kernel(), found.unsent()) == (None, None)
