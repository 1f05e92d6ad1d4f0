"""What the server knows about one connection besides what it counts: where time goes, and what waits."""

from __future__ import annotations

import msgspec


class ClientSignals(msgspec.Struct):
    """One reading of one client; None for what is not known, never 0 in its place.

    Times are in milliseconds. What a server, an operating system or a proxy hides is not known.
    """

    ping_ms: float | None = None
    """The last WebSocket round trip: the network, the client's and this process's readiness to answer."""
    unanswered_ms: float | None = None
    """For how long the ping on its way has been waiting for its answer; None if none is on its way."""
    kernel_rtt_ms: float | None = None
    """TCP's smoothed round trip, to the next hop that ends TCP: a proxy's, if there is one."""
    kernel_min_rtt_ms: float | None = None
    retransmits: int | None = None
    """Segments that TCP sent again since the last reading."""
    not_read_ms: float | None = None
    """For how long the peer's receive window was full since the last reading (`rwnd_limited`)."""
    unsent_kernel_bytes: int | None = None
    """Bytes that the kernel holds and has not sent yet (`notsent_bytes`)."""
    unsent_bytes: int | None = None
    """Bytes that wait in this process."""
    silent_ms: float | None = None
    """Since the kernel last got data of the client."""
    wait_ms: float | None = None
    """How long a message waited for the consumer, the longest since the last reading."""
    handler_ms: float | None = None
    """How long the consumer took for a message, the longest since the last reading."""
    loop_lag_ms: float | None = None
    """The longest time that anything waited for the event loop since the last reading."""
    pauses: int | None = None
    """How often reading was paused since the last reading, because messages came faster than they were handled."""
    refused_messages: int | None = None
    """Messages that were refused since the last reading."""
    fps: float | None = None
    frame_time_ms: float | None = None
    slow_frames_percent: float | None = None
    hidden: bool | None = None
    refresh_hz: float | None = None
    """The display's rate, as the client's page found it."""
