"""What people have answered to alerts, as nodes know it: who acknowledged what, what was resolved by hand, and which
alerts are silenced."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from monitoring.core.alert_matchers import matches
from monitoring.core.records import AlertRecord

Key = tuple[str, str]
"""An alert's rule and subject."""


class Acknowledgement(msgspec.Struct, frozen=True):
    """By whom, and until when, UTC epoch seconds; None if until it is over or gets worse."""

    by: str
    until: float | None = None

    def holds(self, now: float) -> bool:
        return self.until is None or now < self.until


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
        since = alert.at if alert.since is None else alert.since
        return since <= self.resolved.get(alert.key, since - 1)

    def acknowledgement(self, key: Key, now: float) -> dict[str, object] | None:
        """As frames carry it: {"by", "until"}."""
        found = self.acknowledged.get(key)
        return {"by": found.by, "until": found.until} if found is not None and found.holds(now) else None

    def is_silenced(self, names: Mapping[str, str], now: float) -> bool:
        """`names` are what matchers compare: rule, metric, severity, host, node, client and subject."""
        return any(silence.hides(names, now) for silence in self.silences)


NO_ANSWERS = AlertAnswers()
