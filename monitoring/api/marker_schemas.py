"""What the API answers about markers and about starts of nodes."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class StoredMarker(Schema):
    """A moment that every chart shows."""

    id: int
    at: datetime
    text: str
    kind: str = Field(
        description="`deploy` if somebody marked it, `clock` if a clock was set, `version` if a node started with "
        "other versions than before."
    )


class Markers(Schema):
    markers: list[StoredMarker]
    next: str | None = Field(description="The address of older ones, null if there are none.")


class StartedNode(Schema):
    """One start of one server process, as the journal has told of it."""

    id: int
    node: str
    boot: str = Field(description="Tells it from other starts under the same name.")
    host: str
    first_seen: datetime
    last_seen: datetime
    state: str = Field(
        description="`running` as far as is known, `stopped` if it said so or its release does not say, `gone` if it "
        "has been silent for too long."
    )
    versions: dict[str, str] | None = Field(
        description="Of its code, Python, server and libraries; null if its release does not say."
    )


class Nodes(Schema):
    nodes: list[StartedNode]
    next: str | None = Field(description="The address of older ones, null if there are none.")
