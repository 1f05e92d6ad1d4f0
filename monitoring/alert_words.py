"""What an alert says to a person: built from metric, present value and threshold, in the reader's language.

The wire and the database keep SPEC.md's English message. `lib/alert_words.js` says the same of alerts in frames.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop, ngettext

from monitoring.alerting import channel_failures
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import PER_CLIENT
from monitoring.models import Alert
from monitoring.unit_texts import amount, limit

LABELS: Final = {
    "cpu_percent": gettext_noop("CPU"),
    "memory_percent": gettext_noop("Memory"),
    "latency_ms": gettext_noop("Latency"),
    "stale_client_seconds": gettext_noop("Silent clients"),
    "journal_lag_seconds": gettext_noop("Journal lag"),
    "store_lag_seconds": gettext_noop("Storage lag"),
    "clock_skew_seconds": gettext_noop("Clock skew"),
    "evictable_percent": gettext_noop("Evictable Redis memory"),
    "loop_lag_ms": gettext_noop("Event loop lag"),
    "node_gone": gettext_noop("Node gone"),
    channel_failures.RULE: gettext_noop("Notices not delivered"),
}


def label_of(rule: str, metric: str = "") -> str:
    """The name of a rule for people: that of its metric if it is a built-in one."""
    name = rule or metric
    if name in LABELS:
        return gettext(LABELS[name])
    if name in ALERT_METRICS_BY_NAME:
        return gettext(ALERT_METRICS_BY_NAME[name].label)
    words = name.removesuffix("_percent").removesuffix("_seconds").removesuffix("_ms").split("_")
    return " ".join(words).capitalize()


def headline(alert: Alert) -> str:
    """One sentence: what is wrong with what, how much, and where the limit is."""
    if alert.metric == channel_failures.RULE:
        return own_message(alert)  # it has no value; what it says is why
    is_built_in = alert.rule in ("", alert.metric) and alert.metric in (LABELS | ALERT_METRICS_BY_NAME)
    if not is_built_in and not alert.grouped and not alert.reason:
        return alert.message if alert.ended_at else _of_own_rule(alert)
    return _of_reason(alert) or _of_many(alert) or _of_value(alert)


def own_message(alert: Alert) -> str:
    """A message without a value in the reader's language; what a receiver answered is told as it is."""
    begin = channel_failures.message_of(alert.subject, "")
    if alert.metric == channel_failures.RULE and alert.message.startswith(begin):
        values = {"channel": alert.subject, "reason": alert.message.removeprefix(begin)}
        return gettext("Alert channel %(channel)s does not work: %(reason)s") % values
    return alert.message


def _of_reason(alert: Alert) -> str:
    facts = {
        "label": label_of(alert.rule, alert.metric),
        "subject": alert.subject,
        "value": amount(alert.present, "s"),
    }
    if alert.reason == "no data":
        return gettext("%(label)s of %(subject)s has not been measured for %(value)s") % facts
    if alert.reason:
        return gettext("%(label)s of %(subject)s could not be read for %(value)s") % facts
    return ""


def _of_many(alert: Alert) -> str:
    if not alert.grouped:
        return ""
    # What has ended is told by its worst.
    many = round(alert.peak if alert.ended_at else alert.present)
    facts = {"count": f"{many:,}", "subject": alert.subject, "label": label_of(alert.rule, alert.metric)}
    if alert.metric == PER_CLIENT:
        text = ngettext(
            "%(count)s client of %(subject)s has sent nothing for too long",
            "%(count)s clients of %(subject)s have sent nothing for too long",
            many,
        )
    else:
        text = ngettext(
            "%(label)s: %(count)s client of %(subject)s is beyond the limit",
            "%(label)s: %(count)s clients of %(subject)s are beyond the limit",
            many,
        )
    return text % facts


def _of_value(alert: Alert) -> str:
    is_over, unit = alert.ended_at is not None, alert.limit_unit
    facts = {
        "label": label_of(alert.rule, alert.metric),
        "subject": alert.subject,
        "value": amount(alert.peak if is_over else alert.present, unit),
        "limit": limit(alert.threshold, unit),
    }
    if alert.metric == "node_gone":
        return gettext("Node %(subject)s is gone: it has not been heard, and did not say that it stops") % facts
    if alert.metric == PER_CLIENT and is_over:
        return gettext("Client %(subject)s had sent nothing for %(value)s") % facts
    if alert.metric == PER_CLIENT:
        return gettext("Client %(subject)s has sent nothing for %(value)s") % facts
    if alert.peak < alert.threshold:
        if is_over:
            return gettext("%(label)s of %(subject)s fell to %(value)s, below the limit of %(limit)s") % facts
        return gettext("%(label)s of %(subject)s is %(value)s, the limit is at least %(limit)s") % facts
    if is_over:
        return gettext("%(label)s of %(subject)s reached %(value)s, above the limit of %(limit)s") % facts
    return gettext("%(label)s of %(subject)s is %(value)s, the limit is %(limit)s") % facts


def _of_own_rule(alert: Alert) -> str:
    """A rule of the project has words of its own, which hold the value that it fired with."""
    now = amount(alert.present, alert.limit_unit)
    fired = amount(alert.value, alert.limit_unit)
    return (
        alert.message
        if now == fired
        else gettext("%(message)s (now %(value)s)")
        % {
            "message": alert.message,
            "value": now,
        }
    )
