"""What a notice says: facts for programs, and a title and a text for people, made when the notice is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext, ngettext

from monitoring.core.notice_policy import worst
from monitoring.models import Alert

MOST_LISTED = 20
"""Alerts that one notice describes; it says how many more there are."""

LONGEST_TITLE = 200


def content_of(
    kind: str,
    group: str,
    *,
    firing: Sequence[Alert],
    over: Sequence[Alert],
    base_url: str = "",
    runbook: str = "",
    advice: str = "",
) -> dict[str, Any]:
    """A notice about alerts of one rule, as plain values for JSON; without a base URL it has no links."""
    listed = [*firing, *over][:MOST_LISTED]
    return {
        "rule": group,
        "severity": worst(alert.severity for alert in firing or over),
        "title": _title(kind, firing, over),
        "text": _text(listed, len(firing) + len(over), base_url, runbook, advice),
        "runbook": runbook,
        "url": _page_of(listed[0], base_url) if len(listed) == 1 else _link(base_url, f"/alerts/?rule={group}"),
        "firing": len(firing),
        "resolved": len(over),
        "alerts": [_facts(alert, base_url) for alert in listed],
        "more": len(firing) + len(over) - len(listed),
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
        "url": _link(base_url, "/alerts/"),
        "firing": 0,
        "resolved": 0,
        "alerts": [],
        "more": 0,
    }


def _title(kind: str, firing: Sequence[Alert], over: Sequence[Alert]) -> str:
    about = [*firing, *over] if kind != "resolved" else over
    first = about[0]
    values = {"what": label(first), "where": first.subject, "more": len(about) - 1, "state": _state(kind, about)}
    if len(about) == 1:
        title = gettext("%(state)s: %(what)s, %(where)s") % values
    else:
        form = "%(state)s: %(what)s, %(where)s and %(more)d more"
        title = ngettext(form, form, len(about) - 1) % values
    return " ".join(title.split())[:LONGEST_TITLE]


def _state(kind: str, about: Sequence[Alert]) -> str:
    severity = {"critical": gettext("Critical"), "warning": gettext("Warning"), "info": gettext("Information")}
    named = severity.get(worst(alert.severity for alert in about), gettext("Alert"))
    return {
        "resolved": gettext("Resolved"),
        "repeated": gettext("%(severity)s, still firing") % {"severity": named},
        "escalated": gettext("%(severity)s, nobody has acknowledged it") % {"severity": named},
    }.get(kind, named)


def _text(listed: Sequence[Alert], total: int, base_url: str, runbook: str, advice: str) -> str:
    lines = [_line(alert) for alert in listed]
    if len(listed) == 1 and base_url:
        lines.append(gettext("Details: %(url)s") % {"url": _page_of(listed[0], base_url)})
        lines.append(gettext("That moment again: %(url)s") % {"url": _replay(listed[0], base_url)})
    if total > len(listed):
        more = total - len(listed)
        lines.append(ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
    if advice:
        lines.append(advice)
    if runbook:
        lines.append(gettext("What to do: %(url)s") % {"url": runbook})
    return "\n".join(lines)


def _line(alert: Alert) -> str:
    """What, where, how much, since when."""
    values = {
        "what": label(alert),
        "where": alert.subject,
        "value": _with_unit(alert, alert.value if alert.last is None else alert.last),
        "peak": _with_unit(alert, alert.peak),
        "threshold": _with_unit(alert, alert.threshold),
        "since": _stamp(alert.started_at),
        "duration": _words(alert.duration),
        "count": round(alert.peak),
        "examples": ", ".join(map(str, alert.examples[:3])),
    }
    if alert.reason:
        text = gettext("%(what)s, %(where)s: its value is not known since %(since)s") % values
    elif alert.grouped:
        text = gettext("%(what)s, %(where)s: %(count)d clients since %(since)s, such as %(examples)s") % values
    elif alert.ended_at is not None:
        text = gettext("%(what)s, %(where)s: peak %(peak)s, threshold %(threshold)s, since %(since)s") % values
    else:
        text = (
            gettext("%(what)s, %(where)s: %(value)s, peak %(peak)s, threshold %(threshold)s, since %(since)s") % values
        )
    if alert.ended_at is not None:
        text += gettext("; over after %(duration)s") % values
        text += f" ({alert.ended})" if alert.ended else ""
    return text + (gettext("; it goes on and off") if alert.flapping else "")


def _facts(alert: Alert, base_url: str) -> dict[str, Any]:
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
        "message": alert.message,
        "value": alert.value,
        "last": alert.last,
        "peak": alert.peak,
        "threshold": alert.threshold,
        "unit": alert.unit,
        "since": alert.started_at.astimezone(UTC).isoformat(),
        "until": None if alert.ended_at is None else alert.ended_at.astimezone(UTC).isoformat(),
        "ended": alert.ended,
        "grouped": alert.grouped,
        "flapping": alert.flapping,
        "acknowledged_by": alert.acknowledged_by if alert.acknowledged_at is not None else "",
        "url": _page_of(alert, base_url),
        "replay": _replay(alert, base_url),
    }


def label(alert: Alert) -> str:
    """The metric in words."""
    labels = {
        "cpu_percent": gettext("CPU usage is high"),
        "memory_percent": gettext("Memory usage is high"),
        "latency_ms": gettext("Latency is high"),
        "stale_client_seconds": gettext("Clients send nothing"),
        "journal_lag_seconds": gettext("History waits on the server"),
        "store_lag_seconds": gettext("History is not stored"),
        "clock_skew_seconds": gettext("The clock is wrong"),
        "evictable_percent": gettext("Redis may delete history"),
        "node_gone": gettext("A server is gone"),
        "alert_channel_failed": gettext("An alert channel does not work"),
    }
    rule = alert.rule or alert.metric
    return labels.get(rule) or alert.message or rule


def _with_unit(alert: Alert, value: float) -> str:
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} {alert.unit}".strip()


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
    return _link(base_url, f"/alerts/{alert.pk}/")


def _replay(alert: Alert, base_url: str) -> str:
    return _link(base_url, "/?" + urlencode({"at": alert.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}))


def _link(base_url: str, path: str) -> str:
    return f"{base_url}{path}" if base_url else ""
