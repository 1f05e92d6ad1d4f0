"""The answers of the endpoints. Times are ISO 8601 in UTC; unknown values are null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    """Why there is no answer: `error` for programs, `message` for people."""

    error: str
    message: str
    parameter: str | None = Field(None, description="The invalid parameter, if there is one.")
    value: str | None = None
    allowed: str | None = None


class LiveClient(Schema):
    """One connected client; bytes are counted from the server's side."""

    client_id: str
    user: str | None = Field(None, description="Who uses it, null unless the project says so; the same for room.")
    room: str | None = None
    node: str
    connected_at: datetime
    connection_duration: float = Field(description="Seconds.")
    message_count: int
    messages_per_second: float | None = Field(
        None, description="Over the last five to ten seconds; null while nobody has looked for a second."
    )
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
    states: list[str] = Field(
        [], description="Those of stale, slow, low_fps, noisy, idle, live that hold, in this order."
    )
    verdict: str | None = Field(None, description="What explains how it is doing; null until it was judged.")
    evidence: dict[str, float] = Field({}, description="What speaks for a verdict that is not fine.")
    sure: str | None = Field(None, description="How sure: low, medium or high; null if the verdict is fine.")

    @staticmethod
    def resolve_average_latency_ms(row: dict[str, Any]) -> float | None:
        """In a frame's row the average is SPEC.md's 0.0 until a round trip was measured."""
        return None if row["latency_ms"] is None else row["average_latency_ms"]


class LiveAlert(Schema):
    """An alert that is firing."""

    metric: str
    subject: str = Field(description="The host, node or client that it is about.")
    severity: str
    message: str
    state: str
    value: float = Field(description="The value it fired with, as in the message.")
    current: float | None = Field(None, description="The current value, null while unknown.")
    peak: float | None = Field(None, description="The worst so far, null if the node does not report it.")
    threshold: float
    timestamp: datetime
    node: str
    rule: str = Field("", description="The rule's name. An older release sends neither it nor what follows.")
    scope: str = Field("", description="host, node, fleet or client.")
    since: datetime | None = None
    duration: float | None = Field(None, description="Seconds since then.")
    flapping: bool = False
    reason: str = Field("", description="no data or error, if it fires because its value is unknown.")
    grouped: bool = Field(False, description="Whether it is about many clients of the node that is its subject.")
    count: int | None = Field(None, description="How many clients, if it is grouped.")
    examples: list[str] = Field([], description="Some of their ids.")
    acknowledged: dict[str, Any] | None = Field(None, description="By whom, and until when.")
    silenced: bool = False
    runbook: str = ""


class LiveGauge(Schema):
    """A gauge that the project has registered, for all nodes."""

    name: str
    label: str
    unit: str
    value: float | None


class LiveNode(Schema):
    node: str
    host: str
    system: dict[str, Any]
    server: dict[str, Any]
    gauges: dict[str, float | None] = Field({}, description="The project's own gauges by name.")


class Live(Schema):
    timestamp: datetime
    missing_nodes: list[str] = Field(description="Recently heard nodes whose part did not arrive in time.")
    clients_total: int = Field(description="Connected clients.")
    clients_matched: int = Field(description="Connected clients that match the search and the filters.")
    verdicts: dict[str, int] = Field({}, description="How many of all clients have each verdict.")
    states: dict[str, int] = Field({}, description="How many of all clients are in each state; one may be in several.")
    clients: list[LiveClient]


class Current(Live):
    """The frame that the live page gets; docs/protocol.md names the keys of `system` and `server`."""

    seq: int
    epoch: str
    rules_version: str = Field(description="Changes when rules do; empty until the node has heard of them.")
    interval: float = Field(description="Seconds from one frame to the next.")
    stretched: bool = Field(description="Whether that is longer than configured, to stay within the CPU budget.")
    system: dict[str, Any] = Field(description="The host of the node that answers.")
    server: dict[str, Any] = Field(description="The whole fleet.")
    gauges: list[LiveGauge] = Field([], description="The project's own.")
    nodes: list[LiveNode]
    alerts_total: int = Field(description="Firing alerts.")
    alerts: list[LiveAlert] = Field(description="The most important ones, at most 100.")


class Clients(Live):
    next: str | None = Field(description="The address of the next page, null on the last page.")


class Bucket(Schema):
    """`count` is the number of readings; for latencies and frame rates it is clients times seconds.

    `coverage` (0 to 1) is the share of the time that was measured.
    """

    start: datetime
    average: float | None
    minimum: float | None
    maximum: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    count: int
    coverage: float
    bounded: bool = Field(description="True if minimum and maximum are bounds: the true values lie between them.")


class Series(Schema):
    """One metric in buckets of equal width, including empty ones; percentiles for latencies only."""

    metric: str
    label: str
    unit: str
    tier: str = Field(description="The records that the buckets are made from: second, minute, hour or day.")
    start: datetime = Field(serialization_alias="from", description="Start of the range, widened to whole records.")
    end: datetime = Field(serialization_alias="to", description="End of the counted range, at the latest now.")
    nodes: list[str] = Field(description="Empty for the whole fleet.")
    bucket_seconds: int
    buckets: list[Bucket]


class Breakdown(Schema):
    """Counts by label in buckets of equal width, such as departures by cause."""

    kind: str
    tier: str = Field(description="The records that the counts are made from: second, minute, hour or day.")
    start: datetime = Field(serialization_alias="from", description="Start of the counted range, as in a series.")
    end: datetime = Field(serialization_alias="to", description="End of the counted range, at the latest now.")
    nodes: list[str] = Field(description="Empty for the whole fleet.")
    bucket_seconds: int
    times: list[datetime] = Field(description="The starts of the buckets, including empty ones.")
    coverage: list[float] = Field(description="The measured share of each bucket, 0 to 1.")
    totals: dict[str, int] = Field(description="The counts of each label over the whole range, the highest first.")
    counts: dict[str, list[int | None]] = Field(description="The same per bucket; null where nothing was measured.")


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
