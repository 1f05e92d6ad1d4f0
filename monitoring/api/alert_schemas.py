"""The answers about stored alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from monitoring.models import Alert


class Acknowledgement(Schema):
    """Who has acknowledged an alert, and until when that holds; null if until it is over."""

    by: str
    at: datetime
    until: datetime | None


class Episode(Schema):
    """One alert from the moment it began to fire; while it does, it is right to five seconds.

    Without Redis it says what is stored, as of `last_at`.
    """

    id: int | None = Field(description="Null until it is stored.")
    rule: str = Field(description="The rule's name; that of a built-in rule is its metric.")
    metric: str
    scope: str = Field(description="What it is about: host, node, fleet or client.")
    subject: str
    state: str = Field(description="firing, resolved, or unknown: nothing was stored since known_until.")
    severity: str = Field(description="The highest so far.")
    message: str
    value: float = Field(description="The value it fired with, as in the message.")
    threshold: float
    peak: float = Field(description="The highest value since; the lowest if the rule compares below.")
    last: float | None = Field(description="The latest value, null while it is unknown.")
    last_at: datetime | None
    grouped: bool = Field(description="Whether it is about many clients of a node; its values are then how many.")
    examples: list[str] = Field(description="Some of these clients.")
    flapping: bool = Field(description="Whether it began several times within minutes, and is one until it is calm.")
    reason: str = Field(description="Why it fires if its value is not known: no data or error.")
    acknowledged: Acknowledgement | None
    silenced: bool = Field(False, description="Whether a silence is in force that keeps it from being told to anybody.")
    host: str
    node: str
    client_id: str
    started_at: datetime
    ended_at: datetime | None
    known_until: datetime | None = Field(description="Since when its state is unknown, null in all other states.")
    duration_seconds: float = Field(description="Until now while it fires, or until known_until if that is set.")
    ended: str = Field(description="Why it ended, if its value did not come down.")

    @staticmethod
    def resolve_rule(alert: Alert) -> str:
        return alert.rule or alert.metric

    @staticmethod
    def resolve_duration_seconds(alert: Alert) -> float:
        return alert.duration.total_seconds()

    @staticmethod
    def resolve_acknowledged(alert: Alert) -> dict[str, Any] | None:
        if not alert.is_acknowledged:
            return None
        return {"by": alert.acknowledged_by, "at": alert.acknowledged_at, "until": alert.acknowledged_until}


class Alerts(Schema):
    """`firing` and `not_stored` are on the first page only."""

    alerts: list[Episode]
    firing: int | None = Field(None, description="How many alerts fire now, of all that there are.")
    not_stored: list[Episode] = Field([], description="Those that have begun and are not stored yet.")
    next: str | None = Field(description="The address of older ones, null if there are none.")
