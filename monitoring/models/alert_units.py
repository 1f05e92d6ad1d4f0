"""The units of alerts: those of metrics, of gauges of the project, and percent for shares of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.models.alert_rule import AlertRule
from monitoring.models.own_gauge import OwnGauge

if TYPE_CHECKING:
    from monitoring.models.alert import Alert


def what_units_need() -> dict[str, models.Exists | models.Subquery]:
    """Annotations for rows of alerts, for `limit_unit`."""
    shares = AlertRule.objects.about_shares().filter(name=models.OuterRef("rule"))
    gauges = OwnGauge.objects.filter(name=models.OuterRef("metric")).values("unit")[:1]
    return {"is_share": models.Exists(shares), "gauge_unit": models.Subquery(gauges)}


def limit_unit(alert: Alert) -> str:
    """The unit of an alert's threshold; empty if nobody knows one."""
    # Rows that were created and not read have no annotations.
    if getattr(alert, "is_share", False):
        return "%"
    known = ALERT_METRICS_BY_NAME.get(alert.metric)
    if known is not None:
        return known.unit
    of_gauge: str | None = getattr(alert, "gauge_unit", None)
    return of_gauge or ("s" if alert.metric.endswith("_seconds") else "")
