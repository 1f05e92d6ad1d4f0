"""The line of a notice about one alert: where, how much, since when, in the language that is active."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext, gettext_noop, ngettext

from monitoring.alert_words import own_message
from monitoring.alerting import channel_failures
from monitoring.core.alert_rules import Rule
from monitoring.core.amounts import exact
from monitoring.models import Alert
from monitoring.row_words import word
from monitoring.unit_texts import with_unit

EXAMPLES = 3
"""Clients that a line about many names."""

NODE_GONE = "node_gone"
OWN_WORDS = {
    NODE_GONE: gettext_noop("A server is gone"),
    channel_failures.RULE: gettext_noop("An alert channel does not work"),
}
"""Rules whose alerts say what they are about in their message, not by a value and a threshold."""


def line(alert: Alert, rule: Rule) -> str:
    """Where, how much, since when."""
    unit = unit_of_limit(rule, alert)
    values = {
        "where": alert.subject,
        "message": own_message(alert),
        "value": _number(alert.present, unit),
        "peak": _number(alert.peak, unit),
        "threshold": limit_text(alert.threshold, unit),
        "since": stamp(alert.started_at),
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
    if rule.key == NODE_GONE:
        return gettext("%(where)s has not been heard, and did not say that it stops, since %(since)s")
    if rule.key in OWN_WORDS:
        return gettext("%(message)s, since %(since)s")
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


def unit_of_limit(rule: Rule, alert: Alert) -> str:
    """The unit of its threshold; a rule in code is no row that its alert could know."""
    return "%" if rule.each_threshold is not None else alert.limit_unit


def _number(value: float, unit: str) -> str:
    return with_unit(f"{value:.1f}".removesuffix(".0"), unit)


def limit_text(value: float, unit: str) -> str:
    return with_unit(exact(value), unit)


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _words(duration: timedelta) -> str:
    seconds = max(0, round(duration.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3_600
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
