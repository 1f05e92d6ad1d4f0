"""What a notice says: facts for programs, and a title and a text for people, made when the notice is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

from monitoring.alerting.page_links import link
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import Comparison, Rule
from monitoring.core.amounts import exact
from monitoring.core.notice_policy import worst
from monitoring.models import Alert, OwnGauge
from monitoring.row_words import word
from monitoring.unit_texts import with_unit

MOST_LISTED = 20
"""Alerts that one notice to people describes; it says how many more there are."""

EXAMPLES = 3
"""Clients that a line about many names."""

OWN_WORDS = {
    "node_gone": gettext_noop("A server is gone"),
    "alert_channel_failed": gettext_noop("An alert channel does not work"),
}
"""Rules whose alerts say what they are about in their message, not by a value and a threshold."""

LONGEST_TITLE = 200


def content_of(
    kind: str,
    rule: Rule,
    *,
    firing: Sequence[Alert],
    over: Sequence[Alert],
    base_url: str = "",
    most: int = MOST_LISTED,
) -> dict[str, Any]:
    """A notice about alerts of one rule, as plain values for JSON; without a base URL it has no links."""
    about = [*firing, *over]
    gauge = None if rule.metric in ALERT_METRICS_BY_NAME else OwnGauge.objects.of([rule.metric]).first()
    listed = about[:most]
    page = _page_of(about[0], base_url) if len(about) == 1 else link(base_url, "alerts", rule=rule.key)
    return {
        "rule": rule.key,
        "severity": worst(alert.severity for alert in firing or over),
        "title": _title(kind, rule, about, str(gauge or "")),
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
    return {
        "rule": "",
        "severity": "info",
        "title": gettext("Test of the alert channel %(channel)s") % {"channel": channel},
        "text": gettext("Somebody asked for this test at %(time)s. No alert fires because of it.")
        % {"time": _stamp(now)},
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
    form = "%(state)s: %(what)s, %(where)s and %(more)d more"
    title = ngettext(form, form, more) if more else gettext("%(state)s: %(what)s, %(where)s")
    return " ".join((title % values).split())[:LONGEST_TITLE]


def _condition(rule: Rule, alert: Alert, own_label: str) -> str:
    """What the rule says of its metric."""
    if rule.key in OWN_WORDS:
        return gettext(OWN_WORDS[rule.key])
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    label = gettext(metric.label) if metric else own_label or rule.metric.replace("_", " ")
    values = {"label": label, "threshold": _limit(alert.threshold, _unit(rule, alert))}
    if rule.each_threshold is not None:
        values["each"] = _limit(rule.each_threshold, metric.unit if metric else "")
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
    lines = [_line(alert, rule) for alert in listed]
    if total > len(listed):
        more = total - len(listed)
        lines.append(ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
    if rule.runbook:
        lines.append(gettext("What to do: %(url)s") % {"url": rule.runbook})
    if total == 1 and (details := _page_of(listed[0], base_url)):
        lines.append(gettext("Details: %(url)s") % {"url": details})
        lines.append(gettext("The moment it began: %(url)s") % {"url": _replay(listed[0], base_url)})
    return "\n".join(lines)


def _line(alert: Alert, rule: Rule) -> str:
    """Where, how much, since when."""
    unit = _unit(rule, alert)
    values = {
        "where": alert.subject,
        "value": _number(alert.present, unit),
        "peak": _number(alert.peak, unit),
        "threshold": _limit(alert.threshold, unit),
        "since": _stamp(alert.started_at),
        "duration": _words(alert.duration),
        "count": round(alert.peak),
        "examples": ", ".join(map(str, alert.examples[:EXAMPLES])),
    }
    text = _fact(alert, rule) % values
    if alert.ended_at is not None:
        text += gettext("; over after %(duration)s") % values
        text += f" ({word(alert.ended)})" if alert.ended else ""
    if alert.flapping:
        text += gettext("; it goes on and off")
    if alert.acknowledged_at is not None and alert.ended_at is None:
        text += gettext("; acknowledged by %(who)s") % {"who": alert.acknowledged_by}
    return text


def _fact(alert: Alert, rule: Rule) -> str:
    """The form of a line."""
    if rule.key in OWN_WORDS:
        return alert.message.replace("%", "%%") + gettext(", since %(since)s")
    if alert.reason:
        return gettext("%(where)s: its value has not been known since %(since)s")
    if alert.grouped:
        return gettext("%(where)s: up to %(count)d clients since %(since)s, such as %(examples)s")
    if rule.is_above:
        if alert.ended_at is not None:
            return gettext("%(where)s: peak %(peak)s, threshold %(threshold)s, since %(since)s")
        return gettext("%(where)s: %(value)s, peak %(peak)s, threshold %(threshold)s, since %(since)s")
    if alert.ended_at is not None:
        return gettext("%(where)s: lowest %(peak)s, threshold %(threshold)s, since %(since)s")
    return gettext("%(where)s: %(value)s, lowest %(peak)s, threshold %(threshold)s, since %(since)s")


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
        "summary": _line(alert, rule),
        "message": alert.message,
        "value": alert.value,
        "last": alert.last,
        "peak": alert.peak,
        "threshold": alert.threshold,
        "unit": alert.unit if alert.grouped or alert.reason else _unit(rule, alert),
        "since": alert.started_at.astimezone(UTC).isoformat(),
        "until": None if alert.ended_at is None else alert.ended_at.astimezone(UTC).isoformat(),
        "ended": alert.ended,
        "grouped": alert.grouped,
        "flapping": alert.flapping,
        "acknowledged_by": alert.acknowledged_by if alert.acknowledged_at is not None else "",
        "url": _page_of(alert, base_url),
        "replay": _replay(alert, base_url),
    }


def _unit(rule: Rule, alert: Alert) -> str:
    """The unit of its threshold; a rule in code is no row that its alert could know."""
    return "%" if rule.each_threshold is not None else alert.limit_unit


def _number(value: float, unit: str) -> str:
    return with_unit(f"{value:.1f}".removesuffix(".0"), unit)


def _limit(value: float, unit: str) -> str:
    return with_unit(exact(value), unit)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _words(duration: timedelta) -> str:
    seconds = max(0, round(duration.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3_600
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def _page_of(alert: Alert, base_url: str) -> str:
    return link(base_url, "alert", alert.pk)


def _replay(alert: Alert, base_url: str) -> str:
    return link(base_url, "live", at=alert.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
