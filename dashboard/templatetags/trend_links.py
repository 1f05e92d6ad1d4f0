"""Links to the trends."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from dashboard.periods import around
from dashboard.trend_charts import chart_of
from monitoring.models import Alert

register = template.Library()


@register.simple_tag
def trends_around(alert: Alert) -> str:
    """The trends before, during and after an alert, at the chart of its metric if there is one."""
    period = around(alert.started_at, alert.ended_at, timezone.now())
    chart = chart_of(alert.metric)
    anchor = f"#{chart.key}" if chart else ""
    return f"{reverse('dashboard:trends')}?{urlencode(period.query, safe=':')}{anchor}"
