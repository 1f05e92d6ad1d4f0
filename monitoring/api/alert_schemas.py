"""The answers of the endpoints that are about alerts. Times are ISO 8601 in UTC; unknown values are null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from monitoring.alerting import silences
from monitoring.api.schemas import Problem
from monitoring.core.alert_rules import Rule
from monitoring.models import Alert, Notice, Silence


class Conflict(Problem):
    """Somebody was first: `by` is who, empty if the alert or the silence ended by itself, and `at` is when."""

    by: str | None = None
    at: datetime | None = None


class GivenAcknowledgement(Schema):
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
    acknowledged: GivenAcknowledgement | None
    silenced: bool = Field(description="Whether it fires and a silence is in force that hides it.")
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

    @staticmethod
    def resolve_silenced(alert: Alert) -> bool:
        return bool(getattr(alert, "is_silenced", False))


class Alerts(Schema):
    """`firing` and `not_stored` are on the first page only."""

    alerts: list[Episode]
    firing: int | None = Field(None, description="How many alerts fire now, of all that there are.")
    not_stored: list[Episode] = Field([], description="Those that have begun and are not stored yet.")
    next: str | None = Field(description="The address of older ones, null if there are none.")


class AlertLogLine(Schema):
    """One line of an alert's log; `by` is empty if nobody did it."""

    at: datetime
    kind: str = Field(description="acknowledged, unacknowledged, commented, resolved, silenced, worse or expired.")
    by: str
    text: str
    until: datetime | None


class SentNotice(Schema):
    """One message about it to one channel."""

    kind: str = Field(description="firing, resolved, repeated, escalated or test.")
    channel: str
    created_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    attempts: int

    @staticmethod
    def resolve_channel(notice: Notice) -> str:
        return notice.channel.name


class AlertDetail(Episode):
    """One alert with its log, the oldest line first, and the latest notices about it."""

    entries: list[AlertLogLine]
    told: list[SentNotice]


class BatchCounts(Schema):
    """What became of the alerts that the filter found."""

    done: int
    already: int = Field(description="Those that had been answered so before.")
    resolved: int = Field(description="Those that are over, which no answer changes.")


class SilenceRecord(Schema):
    """While it is in force, nobody is told about the alerts that match all its matchers."""

    id: int
    matchers: dict[str, str] = Field(description="A pattern for each name; * stands for any text.")
    reason: str
    by: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime = Field(description="With repeats, the end of its first stretch.")
    repeats: str = Field(description="Empty, daily (each 24 hours) or weekly (each 7 days).")
    ended_at: datetime | None = Field(description="When somebody ended it early.")
    ended_by: str
    state: str = Field(description="active, waiting or over.")
    hides: int = Field(description="How many firing alerts it hides now.")

    @staticmethod
    def resolve_state(silence: Silence) -> str:
        return silences.state_of(silence, timezone.now())

    @staticmethod
    def resolve_hides(silence: Silence) -> int:
        return silences.hiding(silence).count()


class Silences(Schema):
    silences: list[SilenceRecord]
    next: str | None = Field(description="The address of older ones, null if there are none.")


class Hidden(Schema):
    """What a silence with these matchers would hide now."""

    hides: int
    examples: list[str] = Field(description="The subjects of some of these alerts.")


class RuleInForce(Schema):
    """When an alert fires and when it is over. Times are in seconds, thresholds in the metric's unit."""

    name: str
    metric: str
    scope: str
    comparison: str = Field(description="above or below: on which side of the threshold a value is a breach.")
    threshold: float
    exit_threshold: float
    each_threshold: float | None = Field(
        description="The threshold of each client, if the value is the share of clients beyond it."
    )
    for_seconds: float
    keep_firing_seconds: float
    no_data: str = Field(description="What becomes of it without a value: resolve, keep or fire.")
    no_data_seconds: float
    severity: str
    runbook: str

    @staticmethod
    def resolve_name(rule: Rule) -> str:
        return rule.key


class Rules(Schema):
    rules: list[RuleInForce]
