"""The answer about clients by path and browser."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class ClientGroup(Schema):
    """Clients with the same path or browser; each counts once, by its last round trip and frame rate."""

    name: str
    clients: int
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    fps: float | None = Field(description="The average of those that draw.")
    verdicts: dict[str, int] = Field(description="How many clients have each verdict.")


class LiveGroups(Schema):
    timestamp: datetime
    missing_nodes: list[str] = Field(description="Recently heard nodes whose clients are not counted here.")
    clients_total: int = Field(description="Connected clients.")
    paths: list[ClientGroup] = Field(description="By path, where * stands for what differs from client to client.")
    browsers: list[ClientGroup] = Field(description="By browser or program, as the handshake names it.")
