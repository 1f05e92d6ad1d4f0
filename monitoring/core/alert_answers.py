"""What people have answered to alerts, as nodes know it: who acknowledged what, what was resolved by hand, and which
alerts are silenced."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from monitoring.core.alert_matchers import matches
from monitoring.core.records import AlertRecord

Key = tuple[str, str]
"""An alert's rule and subject."""


class Acknowledgement(msgspec.Struct, frozen=True):
    """By whom, and until when, UTC epoch seconds; None if until it is over or gets worse.

    It was given at `at`: an alert that began later is another one.
    """

    by: str
    until: float | None = None
    at: float = math.inf

    def holds(self, alert: AlertRecord, now: float) -> bool:
        return began(alert) <= self.at and (self.until is None or now < self.until)


class SilentTime(msgspec.Struct, frozen=True):
    """One stretch of a silence, UTC epoch seconds, and the matchers of the alerts that it hides."""

    matchers: dict[str, str]
    start: float
    end: float

    def hides(self, names: Mapping[str, str], now: float) -> bool:
        return self.start <= now < self.end and matches(self.matchers, names)


class AlertAnswers(msgspec.Struct, frozen=True):
    """All that holds now, or will by itself. `resolved` says when, UTC epoch seconds, an alert was resolved by hand:
    what began by then is over."""

    acknowledged: Mapping[Key, Acknowledgement] = {}
    resolved: Mapping[Key, float] = {}
    silences: tuple[SilentTime, ...] = ()

    def is_resolved(self, alert: AlertRecord) -> bool:
        """Whether a person has resolved it, though its value has not come back."""
        if not self.resolved:
            return False
        return began(alert) <= self.resolved.get(alert.key, -math.inf)

    def acknowledgement(self, alert: AlertRecord, now: float) -> dict[str, object] | None:
        """As frames carry it: {"by", "until"}."""
        found = self.acknowledged.get(alert.key)
        return {"by": found.by, "until": found.until} if found is not None and found.holds(alert, now) else None

    def is_silenced(self, names: Mapping[str, str], now: float) -> bool:
        """`names` are what matchers compare: rule, metric, severity, host, node, client and subject."""
        return any(silence.hides(names, now) for silence in self.silences)


def began(alert: AlertRecord) -> float:
    return alert.at if alert.since is None else alert.since


NO_ANSWERS = AlertAnswers()
