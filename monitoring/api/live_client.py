"""A connected client in the API's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class LiveClient(Schema):
    """One connected client; bytes are counted from the server's side."""

    client_id: str
    user: str | None = Field(None, description="Who uses it, null unless the project says so; the same for room.")
    room: str | None = None
    node: str
    connected_at: datetime
    connection_duration: float = Field(description="Seconds.")
    message_count: int
    bytes_sent: int
    bytes_received: int
    last_message_time: datetime
    latency_ms: float | None = Field(description="The last round trip; the next three cover the last 100.")
    average_latency_ms: float | None
    p95_latency_ms: float | None
    jitter_ms: float | None
    fps: float | None = Field(description="The client's last report; null while it draws nothing.")
    frame_time_ms: float | None
    low_fps: float | None = Field(description="The rate of its slowest frames.")
    long_frames: int | None = Field(description="All frames of more than 50 ms that it reported.")
    hidden: bool | None = Field(description="Whether its tab is hidden; null if it never said.")
    browser: str | None = Field(None, description="Its browser or program with the major version, null if unknown.")
    verdict: str | None = Field(None, description="What explains how it is doing; null until it was judged.")
    evidence: dict[str, float] = Field({}, description="What speaks for a verdict that is not fine.")
    sure: str | None = Field(None, description="How sure: low, medium or high; null if the verdict is fine.")

    @staticmethod
    def resolve_average_latency_ms(row: dict[str, Any]) -> float | None:
        """In a frame's row the average is SPEC.md's 0.0 until a round trip was measured."""
        return None if row["latency_ms"] is None else row["average_latency_ms"]
