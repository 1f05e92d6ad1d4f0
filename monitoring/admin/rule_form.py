"""The form of one rule in the admin: its fields, what is wrong with them, and what changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.alerting.rules import as_rule, built_in_rules, problems_by_column
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import Rule
from monitoring.models import AlertRule, OwnGauge
from monitoring.problem_words import problem_words

FIELDS = (
    "enabled", "metric", "scope", "comparison", "threshold", "exit_threshold", "each_threshold", "for_seconds",
    "keep_firing_seconds", "no_data", "no_data_seconds", "severity", "text", "runbook",
)  # fmt: skip
"""What people change; the name identifies a rule for good."""

LABELS = {
    "for_seconds": _("For (seconds)"),
    "keep_firing_seconds": _("Keep firing (seconds)"),
    "no_data": _("Without data"),
    "no_data_seconds": _("Without data for (seconds)"),
    "each_threshold": _("Threshold of each client"),
    "runbook": _("Runbook (web address)"),
}
HELP = {
    "name": _("Small letters, digits and underscores. The name of a built-in rule replaces that rule."),
    "enabled": _("A disabled rule with the name of a built-in one switches that one off."),
    "scope": _("What one alert is about. Rules about the fleet look at all nodes together, once a minute."),
    "threshold": _("A value equal to it is no breach. With a threshold of each client, a share of clients in percent."),
    "exit_threshold": _("Where a firing alert may end. Empty: 5 percent on the other side of the threshold."),
    "each_threshold": _("The rule is then about the share of clients whose own value is on the wrong side of this."),
    "for_seconds": _("How long the value has to be beyond the threshold before the alert fires."),
    "keep_firing_seconds": _("How long the value has to be at the exit threshold or on its good side before it ends."),
    "no_data": _("While its value is unknown, an alert ends, goes on, or fires for that reason."),
    "text": _("May have {value}, such as {value:.1f}, and {subject}. Empty: a text made of metric and threshold."),
}


def metric_choices() -> list[tuple[str, str]]:
    """The metrics of every site, and the project's own gauges."""
    own = [(gauge.name, _choice(gauge.name, gauge.label, gauge.unit)) for gauge in OwnGauge.objects.order_by("name")]
    known = [(name, _choice(name, metric.label, metric.unit)) for name, metric in ALERT_METRICS_BY_NAME.items()]
    return [("", "---------"), *known, *own]


def _choice(name: str, label: str, unit: str) -> str:
    return f"{name} ({', '.join(filter(None, (gettext(label) if label else '', unit)))})"


class AlertRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    runbook = forms.URLField(
        required=False, max_length=500, assume_scheme="https", label=LABELS["runbook"], widget=AdminURLFieldWidget
    )

    class Meta:
        model = AlertRule
        fields = ("name", *FIELDS)
        labels = LABELS
        help_texts = HELP

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "metric" in self.fields:
            self.fields["metric"].widget = forms.Select(choices=metric_choices())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for column, problems in problems_by_column(self.row(cleaned), OwnGauge.objects.names()).items():
                for problem in problems:
                    self.add_error(column if column in self.fields else None, problem_words(problem))
        return cleaned

    def row(self, cleaned: dict[str, Any]) -> AlertRule:
        """The rule as it would be saved."""
        kept = {name: getattr(self.instance, name) for name in ("name", *FIELDS)}
        return AlertRule(**kept | {name: cleaned[name] for name in kept if name in cleaned})

    def rule(self) -> Rule:
        """The rule that a valid form describes."""
        row = self.row(self.cleaned_data)
        return as_rule(row, built_in_rules().get(row.name))


def differences(form: forms.BaseForm) -> str:
    """What a valid form changes, each with its old and its new value: "threshold: 80 → 95"."""
    changed = [name for name in form.changed_data if name in form.cleaned_data]
    return ", ".join(f"{name}: {_said(form.initial.get(name))} → {_said(form.cleaned_data[name])}" for name in changed)


def _said(value: Any) -> str:
    return "none" if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)
