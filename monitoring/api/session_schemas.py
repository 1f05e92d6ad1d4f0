"""What the API answers about client sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from monitoring.core.metrics import rounded
from monitoring.core.stats.sketch import PERCENTILES
from monitoring.models import ClientSession
from monitoring.shown_addresses import address_mask_of


class Percentiles(Schema):
    p50: float | None
    p95: float | None
    p99: float | None


class Session(Schema):
    """One connection of a client. An open one has its totals so far, null if its node does not answer."""

    id: int
    client_id: str
    user: str | None = Field(description="Who used it, null unless the project says so; the same for room.")
    room: str | None
    node: str
    path: str
    remote: str = Field(description="Its network for people without the permission `avatar_monitoring.view_addresses`.")
    connected_at: datetime
    disconnected_at: datetime | None
    duration_seconds: float = Field(description="Until now while it is open.")
    messages: int | None
    bytes_received: int | None
    bytes_sent: int | None
    latency_average_ms: float | None
    latency_ms: Percentiles = Field(
        description="Over its whole time: a round trip counts for each second until the next one."
    )
    fps_average: float | None
    frame_time_ms: Percentiles = Field(description="Over the mean frame times that it reported.")
    close_code: int | None
    ended: str = Field(description="How the connection ended.")
    cause: str = Field("", description="Why it ended, one of the causes in docs/clients.md; empty while it is open.")
    error: str = Field("", description="Which exception the application raised, and where in its own code.")
    totals_at: datetime | None = Field(None, description="When the totals of an open session were read from its node.")

    @staticmethod
    def resolve_remote(session: ClientSession, context: dict[str, Any]) -> str:
        return address_mask_of(context["request"])(session.remote)

    @staticmethod
    def resolve_duration_seconds(session: ClientSession) -> float:
        return session.duration.total_seconds()

    @staticmethod
    def resolve_latency_ms(session: ClientSession) -> dict[str, float | None]:
        return _percentiles(session.latency)

    @staticmethod
    def resolve_frame_time_ms(session: ClientSession) -> dict[str, float | None]:
        return _percentiles(session.frame_time)


def _percentiles(found: Sequence[float | None]) -> dict[str, float | None]:
    return dict(zip(PERCENTILES, (rounded(value, 2) for value in found), strict=True))


class Sessions(Schema):
    sessions: list[Session]
    next: str | None = Field(description="The address of older ones, null if there are none.")
