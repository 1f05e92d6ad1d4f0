"""What a client's socket tells: the operating system's view of its TCP connection, and what waits to be written."""

from __future__ import annotations

from typing import NamedTuple, Protocol

SCOPE_KEY = "avatar_monitoring.socket"
"""The key in the scope where a connection finds its `SocketView`, if its server shows its socket."""


class TcpInfo(NamedTuple):
    """One reading of a socket's counters; None for what this kernel does not tell, or has not measured yet.

    Times are in milliseconds. It speaks of the next hop that ends TCP: behind a proxy, of the proxy.
    """

    rtt_ms: float | None = None
    """The smoothed round trip."""
    min_rtt_ms: float | None = None
    """The shortest round trip of the last minutes."""
    retransmits: int | None = None
    """Segments that were sent again since the connection began."""
    rwnd_limited_ms: float | None = None
    """For how long in all, up to now, data waited only because the peer's receive window was full."""
    notsent_bytes: int | None = None
    """Bytes that were written to the socket and have never been sent."""
    last_data_recv_ms: int | None = None
    """Since the peer's last data."""


class SocketView(Protocol):
    """Reads a connection's socket, which it never sets; neither call raises."""

    def kernel(self) -> TcpInfo | None:
        """What the kernel knows now; None if there is nothing to read, as after the connection's end."""

    def unsent(self) -> int | None:
        """Bytes that wait in this process to be written to it; None if its server does not say."""
