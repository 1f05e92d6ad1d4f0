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

from monitoring.core.kernel_view import Kernel, TcpInfo

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


def kernel_of(send: Any) -> Kernel | None:
    """What reads the socket behind a server's `send`; None if the server does not show it."""
    holder: Any = send.args[0] if isinstance(send, partial) and send.args else getattr(send, "__self__", None)
    for _ in range(HOPS):
        for name in ("transport", "writer"):
            transport = getattr(holder, name, None)
            if transport is not None:
                found = _socket_of(transport)
                return None if found is None else partial(_read, found)
        # hypercorn's streams reach their connection by the method that they send with.
        holder = getattr(getattr(holder, "send", None), "__self__", None)
    return None


def _read(find: Callable[[], Any]) -> TcpInfo | None:
    try:
        return tcp_info(find())
    except Exception:
        return None


def _socket_of(transport: Any) -> Callable[[], Any] | None:
    """What gives a transport's socket as long as there is one; a number of a file would be another's after its end."""
    if callable(getattr(transport, "get_extra_info", None)):
        # asyncio's and uvloop's, also under TLS.
        return partial(transport.get_extra_info, "socket")
    for _ in range(HOPS):
        if hasattr(transport, "socket"):
            # Twisted's, which drops its socket when it is closed.
            return partial(getattr, transport, "socket", None)
        # Under TLS it is wrapped.
        transport = getattr(transport, "transport", None)
    return None
