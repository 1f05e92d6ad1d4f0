"""One alert as pages show it: what it says, what was answered, and where one click leads from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dashboard.alert_texts import advice_of, headline, label_of
from dashboard.amount_texts import limit
from dashboard.languages import gettext, project_address
from dashboard.rule_texts import limit_text
from monitoring.alerting import silences
from monitoring.alerting.rules import rules_in_force
from monitoring.core.alert_rules import Rule, severity_rank
from monitoring.history import alerts_now
from monitoring.models import Alert, Silence

NO_RULES: Final[Mapping[str, Rule]] = {}


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert at `now`, the silence that hides it, if one does, and its rule, if it is in force."""

    alert: Alert
    now: datetime
    silence: Silence | None = None
    definition: Rule | None = None

    @property
    def rule(self) -> str:
        return self.alert.rule or self.alert.metric

    @property
    def label(self) -> str:
        return label_of(self.alert.rule, self.alert.metric)

    @property
    def headline(self) -> str:
        return headline(self.alert)

    @property
    def advice(self) -> str:
        return advice_of(self.alert.metric)

    @property
    def runbook(self) -> str:
        return self.definition.runbook if self.definition else ""

    @property
    def limit(self) -> str:
        """Its limit; if that is still the rule's, also for how long it must be passed, and where it ends."""
        rule = self.definition
        if rule is not None and rule.threshold == self.alert.threshold:
            # A rule in code is no row that its alert could know.
            return limit_text(rule, "%" if rule.each_threshold is not None else self.alert.limit_unit)
        return self.threshold

    @property
    def threshold(self) -> str:
        """Its limit alone."""
        return limit(self.alert.threshold, self.alert.limit_unit)

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has answered for it, and the time is not over."""
        alert = self.alert
        if alert.acknowledged_at is None or alert.ended_at is not None:
            return False
        return alert.acknowledged_until is None or alert.acknowledged_until > self.now

    @property
    def is_waiting(self) -> bool:
        """Whether it fires and nobody has answered."""
        return self.alert.state == "firing" and not self.is_acknowledged and self.silence is None

    @property
    def rank(self) -> tuple[bool, int, bool, datetime]:
        """What has to be seen first comes first: not silenced, most severe, not acknowledged, oldest."""
        severity = severity_rank(self.alert.severity)
        return self.silence is not None, severity, self.is_acknowledged, self.alert.started_at

    @property
    def url(self) -> str:
        return project_address("avatar_monitoring:alert", self.alert.pk)

    @property
    def client_url(self) -> str:
        client = self.alert.client_id
        return project_address("avatar_monitoring:client", client) if client else ""

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return gettext("clients") if self.alert.grouped else self.alert.unit

    @property
    def matchers(self) -> str:
        """What a silence for this alert matches, as JSON."""
        return as_matchers(rule=self.rule, subject=self.alert.subject)

    @property
    def growth(self) -> int:
        """How many clients a grouped alert has gained since it began; negative if it lost some."""
        return round(self.alert.present - self.alert.value) if self.alert.grouped else 0


def as_matchers(**chosen: str) -> str:
    return json.dumps({name: value for name, value in chosen.items() if value})


def shown(alerts: Iterable[Alert], now: datetime) -> list[ShownAlert]:
    """The alerts with their values of now, as far as they still fire, and with what silences them."""
    rows = list(alerts)
    alerts_now.refresh(rows)
    return with_silences(rows, now, rules_in_force() if rows else NO_RULES)


def with_silences(rows: Sequence[Alert], now: datetime, rules: Mapping[str, Rule] = NO_RULES) -> list[ShownAlert]:
    """The alerts as they were read, with what silences them."""
    in_force = silences.in_force(now) if any(alert.ended_at is None for alert in rows) else []
    return [ShownAlert(alert, now, _hiding(alert, in_force), rules.get(alert.rule or alert.metric)) for alert in rows]


def _hiding(alert: Alert, in_force: Iterable[Silence]) -> Silence | None:
    if alert.ended_at is not None:
        return None
    return next((one for one in in_force if silences.matches(one.matchers, alert)), None)
