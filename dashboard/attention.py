"""What waits for somebody: alerts that fire, and that nobody has acknowledged or silenced. Every page's title counts
them."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings

from dashboard.alert_rows import ShownAlert, with_silences
from dashboard.languages import ngettext
from monitoring import conf
from monitoring.core.alert_rules import AlertScope, severity_rank
from monitoring.history.alert_search import most_severe_first
from monitoring.models import Alert
from monitoring.runtime import current_monitor

MOST_READ = 500
MOST_GROUPS = 20


def attention(now: datetime) -> dict[str, Any]:
    """How many alerts wait, and for each rule among them one line, the most severe first.

    `others` are those of no node or host, which live frames do not have. Without stored history, the alerts are those
    of this process.
    """
    if not conf.current().redis_url or not settings.USE_TZ:
        return _of_this_process()
    rows = list(most_severe_first(Alert.objects.in_state("firing"))[:MOST_READ])
    found = [one for one in with_silences(rows, now) if one.is_waiting]
    by_rule = [list(one) for _, one in groupby(sorted(found, key=lambda one: one.rule), key=lambda one: one.rule)]
    by_rule.sort(key=lambda one: min(alert.rank for alert in one))
    others = [[one.rule, one.alert.subject] for one in found if one.alert.scope == AlertScope.FLEET]
    return {"count": len(found), "groups": [_group(rows) for rows in by_rule[:MOST_GROUPS]], "others": others}


def _group(rows: list[ShownAlert]) -> dict[str, Any]:
    first = min(rows, key=lambda one: one.rank)
    return {
        "rule": first.rule,
        "severity": first.alert.severity,
        "count": len(rows),
        "text": first.headline if len(rows) == 1 else _of_many(first, len(rows)),
        "url": first.url,
        "since": min(one.alert.started_at for one in rows).timestamp(),
    }


def _of_many(first: ShownAlert, count: int) -> str:
    text = ngettext("%(label)s: %(count)s alert. %(headline)s", "%(label)s: %(count)s alerts. %(headline)s", count)
    return text % {"label": first.label, "count": count, "headline": first.headline}


def _of_this_process() -> dict[str, Any]:
    monitor = current_monitor()
    # A copy is made in one step: the monitor's own thread may change what fires meanwhile.
    alerts = list(monitor.alerts.firing.values()) if monitor else []
    alerts.sort(key=lambda alert: (severity_rank(alert.severity), alert.at))
    groups = [
        {
            "rule": alert.metric,
            "severity": alert.severity,
            "count": 1,
            "text": alert.message,
            "url": "",
            "since": alert.at,
        }
        for alert in alerts[:MOST_GROUPS]
    ]
    return {"count": len(alerts), "groups": groups, "others": []}
