"""Reads Linux's TCP_INFO of a client's socket, under each server that shows it.

A socket is read and never set. Where there is none to read nothing is known: granian keeps its sockets to itself, a
UNIX socket has no TCP, and other systems tell the same in other ways.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

from monitoring.core.kernel_view import TcpInfo

TCP_INFO = getattr(socket, "TCP_INFO", 11)
# `struct tcp_info` of Linux's include/uapi/linux/tcp.h, which only ever grows at its end: a kernel gives as much of it
# as it knows. Numbers are in the byte order of the machine; round trips and `rwnd_limited` are in microseconds, the
# other times in milliseconds.
FIELDS = Struct("=52xI12xI28xI40xII24xQ")
"""tcpi_last_data_recv, tcpi_rtt, tcpi_total_retrans, tcpi_notsent_bytes, tcpi_min_rtt, tcpi_rwnd_limited."""

END_OF_RTT, END_OF_RETRANSMITS, END_OF_MIN_RTT = 72, 104, 152
"""Where these fields end; older kernels give no more than one of them."""

SIZE = FIELDS.size

NO_MIN_RTT = 0xFFFF_FFFF
"""What `tcpi_min_rtt` is until a round trip was measured (net/ipv4/tcp.c, tcp_init_sock)."""

HOPS = 4
"""How far a socket may be from what a server calls `send`."""


def parsed(raw: bytes) -> TcpInfo:
    """The values in what getsockopt returned; None for those that a shorter structure does not have."""
    size = len(raw)
    received, rtt, retransmits, unsent, shortest, limited = FIELDS.unpack(raw.ljust(SIZE, b"\0"))
    return TcpInfo(
        rtt / 1000 if rtt and size >= END_OF_RTT else None,
        shortest / 1000 if 0 < shortest < NO_MIN_RTT and size >= END_OF_MIN_RTT else None,
        retransmits if size >= END_OF_RETRANSMITS else None,
        limited / 1000 if size >= SIZE else None,
        unsent if size >= END_OF_MIN_RTT else None,
        received if size >= END_OF_RTT else None,
    )


def tcp_info(sock: Any) -> TcpInfo | None:
    """What Linux knows of this socket; None for a closed one, one of another kind, and on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return parsed(sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, SIZE))
    except Exception:
        # It was closed a moment ago, has no TCP, or is no real socket.
        return None


class ServerSocket:
    """A connection's socket, as long as it has one; `find` gives it, and `waiting` the bytes that are not written."""

    __slots__ = ("_find", "_waiting")

    def __init__(self, find: Callable[[], Any], waiting: Callable[[], int] | None = None) -> None:
        self._find = find
        self._waiting = waiting

    def kernel(self) -> TcpInfo | None:
        try:
            return tcp_info(self._find())
        except Exception:
            return None

    def unsent(self) -> int | None:
        try:
            return None if self._waiting is None else self._waiting()
        except Exception:
            return None


def socket_view_of(send: Any) -> ServerSocket | None:
    """The socket behind a server's `send`; None if the server does not show it."""
    holder: Any = send.args[0] if isinstance(send, partial) and send.args else getattr(send, "__self__", None)
    for _ in range(HOPS):
        # hypercorn's connection has a StreamWriter.
        transport = getattr(holder, "transport", None) or getattr(getattr(holder, "writer", None), "transport", None)
        if transport is not None:
            return _view(transport)
        # hypercorn's streams reach their connection by the method that they send with.
        holder = getattr(getattr(holder, "send", None), "__self__", None)
    return None


def _view(transport: Any) -> ServerSocket | None:
    """It asks the transport each time: the number of a closed socket may be another one's."""
    if callable(getattr(transport, "get_extra_info", None)):
        # asyncio's and uvloop's, also under TLS.
        return ServerSocket(
            partial(transport.get_extra_info, "socket"), getattr(transport, "get_write_buffer_size", None)
        )
    for _ in range(HOPS):
        if hasattr(transport, "socket"):
            # Twisted's, which drops its socket when it is closed; daphne's link knows what it buffers.
            return ServerSocket(partial(getattr, transport, "socket", None))
        # Under TLS it is wrapped.
        transport = getattr(transport, "transport", None)
    return None
