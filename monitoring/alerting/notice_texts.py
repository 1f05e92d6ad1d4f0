"""What a notice says: facts for programs, and a title and a text for people, made when the notice is written.

The texts are in the project's language, LANGUAGE_CODE: whoever causes a notice may read another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from monitoring import moments
from monitoring.alerting.notice_lines import OWN_WORDS, limit_text, line, stamp, unit_of_limit
from monitoring.alerting.page_links import link
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import Comparison, Rule
from monitoring.core.notice_policy import worst
from monitoring.models import Alert, OwnGauge

MOST_LISTED = 20
"""Alerts that one notice to people describes; it says how many more there are."""

LONGEST_TITLE = 200


def content_of(
    kind: str,
    rule: Rule,
    *,
    firing: Sequence[Alert],
    over: Sequence[Alert],
    base_url: str = "",
    most: int = MOST_LISTED,
    own_label: str = "",
) -> dict[str, Any]:
    """A notice about alerts of one rule, as plain values for JSON; without a base URL it has no links.

    `own_label` is what people call the rule's metric if that is a gauge of the project.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _content(kind, rule, firing, over, base_url, most, own_label)


def own_labels(metrics: Iterable[str]) -> dict[str, str]:
    """What people call those of these metrics that are gauges of the project."""
    own = {metric for metric in metrics if metric not in ALERT_METRICS_BY_NAME}
    return {gauge.name: str(gauge) for gauge in OwnGauge.objects.of(own)} if own else {}


def _content(
    kind: str, rule: Rule, firing: Sequence[Alert], over: Sequence[Alert], base_url: str, most: int, own_label: str
) -> dict[str, Any]:
    about = [*firing, *over]
    listed = about[:most]
    page = _page_of(about[0], base_url) if len(about) == 1 else link(base_url, "alerts", rule=rule.key)
    return {
        "rule": rule.key,
        "severity": worst(alert.severity for alert in firing or over),
        "title": _title(kind, rule, about, own_label),
        "text": _text(listed[:MOST_LISTED], len(about), rule, base_url),
        "runbook": rule.runbook,
        "url": page,
        "firing": len(firing),
        "resolved": len(over),
        "alerts": [_facts(alert, rule, base_url) for alert in listed],
        "more": len(about) - len(listed),
    }


def content_of_test(channel: str, now: datetime, base_url: str) -> dict[str, Any]:
    """A notice that only shows that a channel works."""
    with translation.override(settings.LANGUAGE_CODE):
        title = gettext("Test of the alert channel %(channel)s") % {"channel": channel}
        text = gettext("Somebody asked for this test at %(time)s. No alert fires because of it.")
        text %= {"time": stamp(now)}
    return {
        "rule": "",
        "severity": "info",
        "title": title,
        "text": text,
        "runbook": "",
        "url": link(base_url, "alerts"),
        "firing": 0,
        "resolved": 0,
        "alerts": [],
        "more": 0,
    }


def _title(kind: str, rule: Rule, about: Sequence[Alert], own_label: str) -> str:
    more = len(about) - 1
    values = {
        "state": _state(kind, about),
        "what": _condition(rule, about[0], own_label),
        "where": about[0].subject,
        "more": more,
    }
    title = gettext("%(state)s: %(what)s, %(where)s")
    if more:
        title = ngettext(
            "%(state)s: %(what)s, %(where)s and %(more)d more", "%(state)s: %(what)s, %(where)s and %(more)d more", more
        )
    return " ".join((title % values).split())[:LONGEST_TITLE]


def _condition(rule: Rule, alert: Alert, own_label: str) -> str:
    """What the rule says of its metric."""
    if rule.key in OWN_WORDS:
        return gettext(OWN_WORDS[rule.key])
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    label = gettext(metric.label) if metric else own_label or rule.metric.replace("_", " ")
    values = {"label": label, "threshold": limit_text(alert.threshold, unit_of_limit(rule, alert))}
    if rule.each_threshold is not None:
        values["each"] = limit_text(rule.each_threshold, metric.unit if metric else "")
        if rule.comparison is Comparison.BELOW:
            return gettext("%(label)s below %(each)s for more than %(threshold)s of the clients") % values
        return gettext("%(label)s above %(each)s for more than %(threshold)s of the clients") % values
    if rule.comparison is Comparison.BELOW:
        return gettext("%(label)s below %(threshold)s") % values
    return gettext("%(label)s above %(threshold)s") % values


def _state(kind: str, about: Sequence[Alert]) -> str:
    severity = {"critical": gettext("Critical"), "warning": gettext("Warning"), "info": gettext("Information")}
    named = severity.get(worst(alert.severity for alert in about), gettext("Alert"))
    return {
        "resolved": gettext("Resolved"),
        "repeated": gettext("%(severity)s, still firing") % {"severity": named},
        "escalated": gettext("%(severity)s, nobody has acknowledged it") % {"severity": named},
    }.get(kind, named)


def _text(listed: Sequence[Alert], total: int, rule: Rule, base_url: str) -> str:
    lines = [line(alert, rule) for alert in listed]
    if total > len(listed):
        more = total - len(listed)
        lines.append(ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
    if rule.runbook:
        lines.append(gettext("What to do: %(url)s") % {"url": rule.runbook})
    if total == 1 and (details := _page_of(listed[0], base_url)):
        lines.append(gettext("Details: %(url)s") % {"url": details})
        lines.append(gettext("The moment it began: %(url)s") % {"url": _replay(listed[0], base_url)})
    return "\n".join(lines)


def _facts(alert: Alert, rule: Rule, base_url: str) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "rule": alert.rule or alert.metric,
        "metric": alert.metric,
        "scope": alert.scope,
        "subject": alert.subject,
        "host": alert.host,
        "node": alert.node,
        "client_id": alert.client_id,
        "state": "firing" if alert.ended_at is None else "resolved",
        "severity": alert.severity,
        "summary": line(alert, rule),
        "message": alert.message,
        "value": alert.value,
        "last": alert.last,
        "peak": alert.peak,
        "threshold": alert.threshold,
        "unit": alert.unit if alert.grouped or alert.reason else unit_of_limit(rule, alert),
        "since": alert.started_at.astimezone(UTC).isoformat(),
        "until": None if alert.ended_at is None else alert.ended_at.astimezone(UTC).isoformat(),
        "ended": alert.ended,
        "grouped": alert.grouped,
        "flapping": alert.flapping,
        "acknowledged_by": alert.acknowledged_by if alert.acknowledged_at is not None else "",
        "url": _page_of(alert, base_url),
        "replay": _replay(alert, base_url),
    }


def _page_of(alert: Alert, base_url: str) -> str:
    return link(base_url, "alert", alert.pk)


def _replay(alert: Alert, base_url: str) -> str:
    return link(base_url, "live", at=moments.stamp(alert.started_at))
