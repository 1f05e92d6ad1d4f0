"""What a client tells of itself: how its page draws, whether it is hidden, and what its browser says of the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from monitoring.core.metrics import LONGEST_LATENCY_MS, MOST_FPS, MOST_LONG_FRAMES
from monitoring.core.monitored import Scope, connection_of
from monitoring.core.page_report import PageReport
from monitoring.core.wire.decoding import explained

NotNegative = Annotated[float, msgspec.Meta(ge=0)]

LONGEST_MESSAGE = 4096
"""Bytes of a text that may be telemetry: ours has at most 300, and a project's own messages may have megabytes."""

MOST_MBPS, MOST_HZ = 1_000_000.0, 10_000.0
NETWORK_TYPE = re.compile(r"[a-z0-9-]{1,16}")


class Telemetry(msgspec.Struct, tag="telemetry"):
    """How the client draws: frames per second, and times in milliseconds; for the rest see `PageReport`.

    Whole numbers may come as floats, and flags as 0 or 1. Values beyond what anybody draws are capped.
    """

    fps: NotNegative
    frame_time_ms: NotNegative
    low_fps: NotNegative | None = None
    long_frames: NotNegative | None = None
    hidden: bool | float | None = False
    refresh_hz: NotNegative | None = None
    long_animation_frames: NotNegative | None = None
    blocking_ms: NotNegative | None = None
    network_type: str | None = None
    downlink_mbps: NotNegative | None = None
    network_rtt_ms: NotNegative | None = None

    def __post_init__(self) -> None:
        if self.hidden not in (0, 1, None):
            raise ValueError(f"hidden={self.hidden:g}: must be true, false, 0, 1 or null")
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and value > most:
                setattr(self, name, most)

    @property
    def page(self) -> PageReport | None:
        """What it says besides how it draws; None if that is nothing."""
        network_type = self.network_type
        page = PageReport(
            refresh_hz=self.refresh_hz or None,
            long_animation_frames=None if self.long_animation_frames is None else int(self.long_animation_frames),
            blocking_ms=self.blocking_ms,
            network_type=network_type if network_type and NETWORK_TYPE.fullmatch(network_type) else None,
            downlink_mbps=self.downlink_mbps,
            network_rtt_ms=self.network_rtt_ms,
        )
        return None if page == NOTHING else page


MOST = {
    "fps": MOST_FPS,
    "frame_time_ms": LONGEST_LATENCY_MS,
    "low_fps": MOST_FPS,
    "long_frames": MOST_LONG_FRAMES,
    "refresh_hz": MOST_HZ,
    "long_animation_frames": MOST_LONG_FRAMES,
    "blocking_ms": LONGEST_LATENCY_MS,
    "downlink_mbps": MOST_MBPS,
    "network_rtt_ms": LONGEST_LATENCY_MS,
}

NOTHING = PageReport()


def telemetry_of(scope: Scope, message: Mapping[str, Any] | str | bytes) -> bool:
    """Takes a message of the client library, decoded or as it came. True if it is telemetry, which the consumer need
    not look at any more.

    What it says is in the client's row from now on. Telemetry that is wrong is counted as a refused message, logged at
    most once a minute, and otherwise ignored. It never raises.
    """
    found = _parsed(message) if isinstance(message, str | bytes) else message
    if not isinstance(found, Mapping) or found.get("type") != "telemetry":
        return False
    connection = connection_of(scope)
    try:
        connection.telemetry(msgspec.convert(found, Telemetry))
    except (msgspec.ValidationError, RecursionError) as error:
        connection.misreported(_why(found, error))
    return True


def _parsed(message: str | bytes) -> Any:
    """None for what cannot be telemetry, mostly without reading it."""
    has_word = "telemetry" in message if isinstance(message, str) else b"telemetry" in message
    if not has_word or len(message) > LONGEST_MESSAGE:
        return None
    try:
        return msgspec.json.decode(message)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _why(message: Mapping[str, Any], error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        try:
            return explained(Telemetry, msgspec.json.encode(dict(message)).decode(), error)
        except (TypeError, ValueError, RecursionError):
            return str(error)
    return "a message is nested too deeply"
