"""What the operating system knows of one client's TCP connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

SCOPE_KEY = "avatar_monitoring.kernel"
"""The key in the scope where a connection finds its `Kernel`, if its server shows its socket."""


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


Kernel = Callable[[], TcpInfo | None]
"""Reads a connection's socket now; None if there is nothing to read, as after its end. It never raises."""


def nothing_known() -> None:
    """The kernel of a connection whose socket is not shown."""
