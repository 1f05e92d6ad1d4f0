"""Rules as rows: further ones, and those that replace a built-in rule of the same name."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from monitoring.columns import MAX_USERNAME
from monitoring.core import alert_rules
from monitoring.core.alert_rules import AlertScope, Comparison, NoData

SEVERITIES = [(one, _(one)) for one in alert_rules.SEVERITIES]
NAME = RegexValidator(r"\A[a-z][a-z0-9_]{0,63}\Z", _("must be 1 to 64 small letters, digits and underscores"))


def _choices(words: type[StrEnum]) -> list[tuple[str, Promise]]:
    return [(one.value, _(one.value)) for one in words]


class AlertRuleQuerySet(models.QuerySet["AlertRule"]):
    def by_name(self) -> Self:
        return self.order_by("name")

    def about_shares(self) -> Self:
        """Those whose value is a share of clients."""
        return self.filter(each_threshold__isnull=False)


class AlertRule(models.Model):
    """One rule; the names and units of its fields are those of `core.alert_rules.Rule`.

    An empty `exit_threshold` is 5 % on the other side of the threshold. A disabled row with the name of a built-in rule
    switches that one off.
    """

    name = models.CharField(max_length=64, unique=True, validators=[NAME])
    enabled = models.BooleanField(default=True)
    metric = models.CharField(max_length=64)
    scope = models.CharField(max_length=16, choices=_choices(AlertScope))
    comparison = models.CharField(max_length=8, choices=_choices(Comparison), default=Comparison.ABOVE.value)
    threshold = models.FloatField()
    exit_threshold = models.FloatField(null=True, blank=True)
    each_threshold = models.FloatField(null=True, blank=True)
    for_seconds = models.FloatField(default=10.0)
    keep_firing_seconds = models.FloatField(default=5.0)
    no_data = models.CharField(max_length=8, choices=_choices(NoData), default=NoData.RESOLVE.value)
    no_data_seconds = models.FloatField(default=60.0)
    severity = models.CharField(max_length=16, choices=SEVERITIES, default="warning")
    text = models.CharField(max_length=200, blank=True)
    runbook = models.URLField(max_length=500, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=MAX_USERNAME, blank=True)

    objects = AlertRuleQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
