"""What the page of silences shows: those in force with what each hides now, those to come, and those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.alert_rows import ShownAlert
from dashboard.answer_choices import MATCHER_FIELDS
from dashboard.languages import gettext, project_address
from monitoring.alerting import silences
from monitoring.history.alert_search import most_severe_first
from monitoring.models import Alert, Silence

MOST_FIRING = 1_000
NAMED = 5
PAST_SILENCES = 50


@dataclass(frozen=True, slots=True)
class ShownSilence:
    """A silence; `hidden` are some of the firing alerts that it hides now, `count` how many there are."""

    silence: Silence
    state: str
    hidden: list[ShownAlert]
    count: int

    @property
    def matchers(self) -> list[tuple[str, str]]:
        return [(gettext(MATCHER_FIELDS.get(name, name)), str(value)) for name, value in self.silence.matchers.items()]

    @property
    def end_url(self) -> str:
        return project_address("avatar_monitoring:silence-end", self.silence.pk)


def silences_page(now: datetime) -> dict[str, Any]:
    """The template's context."""
    current = {one.pk for one in silences.in_force(now)}
    open_ones = list(Silence.objects.not_over(now).latest_first())
    firing = list(most_severe_first(Alert.objects.firing())[:MOST_FIRING]) if current else []
    rows = [_shown(one, "in force" if one.pk in current else "to come", firing, now) for one in open_ones]
    past = Silence.objects.exclude(pk__in=[one.pk for one in open_ones]).latest_first()[:PAST_SILENCES]
    return {
        "in_force": [row for row in rows if row.state == "in force"],
        "to_come": [row for row in rows if row.state == "to come"],
        "past": [_shown(one, "over", [], now) for one in past],
    }


def _shown(silence: Silence, state: str, firing: list[Alert], now: datetime) -> ShownSilence:
    hides = state == "in force"
    found = [alert for alert in firing if hides and silences.matches(silence.matchers, alert)]
    return ShownSilence(silence, state, [ShownAlert(alert, now, silence) for alert in found[:NAMED]], len(found))
