"""What a client's page last said of itself besides how it draws."""

from __future__ import annotations

import msgspec


class PageReport(msgspec.Struct, frozen=True, gc=False):
    """The last telemetry of the client library; None for what the browser does not tell.

    `refresh_hz` is the display's rate. `long_animation_frames` is how many frames the main thread held up for more than
    50 ms since the report before, and `blocking_ms` for how long they kept the page from answering, in milliseconds.
    `network_type` is the browser's `effectiveType` (slow-2g, 2g, 3g, 4g), `downlink_mbps` and `network_rtt_ms` are its
    estimates: https://wicg.github.io/netinfo/.
    """

    refresh_hz: float | None = None
    long_animation_frames: int | None = None
    blocking_ms: float | None = None
    network_type: str | None = None
    downlink_mbps: float | None = None
    network_rtt_ms: float | None = None
