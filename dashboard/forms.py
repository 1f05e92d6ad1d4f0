"""The filters that pages offer."""

from __future__ import annotations

from typing import Any

from django import forms

from monitoring.models import Alert
from monitoring.models.alert import STATES, AlertQuerySet

METRICS = {
    "cpu_percent": "CPU",
    "memory_percent": "Memory",
    "latency_ms": "Latency",
    "stale_client_seconds": "Stale client",
    "journal_lag_seconds": "Journal lag",
    "store_lag_seconds": "Storage lag",
    "clock_skew_seconds": "Clock skew",
    "evictable_percent": "Evictable Redis memory",
}


class AlertFilter(forms.Form):
    """Which episodes the alerts page shows; every field may be empty."""

    severity = forms.ChoiceField(required=False, choices=[("", "All"), ("warning", "Warning"), ("info", "Info")])
    metric = forms.ChoiceField(required=False, choices=[("", "All"), *METRICS.items()])
    episode = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    state = forms.ChoiceField(required=False, choices=[("", "All"), *STATES.items()])

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid fields that are not empty."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_bound else {}

    def apply(self, episodes: AlertQuerySet) -> AlertQuerySet:
        """The matching episodes; invalid fields match everything."""
        self.is_valid()
        chosen = self.chosen
        if state := chosen.pop("state", None):
            episodes = episodes.in_state(state)
        if number := chosen.pop("episode", None):
            episodes = episodes.numbered(number)
        return episodes.filter(**chosen)

    @classmethod
    def of(cls, query: Any) -> tuple[AlertFilter, AlertQuerySet]:
        """The filter in a query string, and the matching episodes, newest first."""
        form = cls(query)
        return form, form.apply(Alert.objects.latest_first())
