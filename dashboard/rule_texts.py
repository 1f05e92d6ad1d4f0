"""What a rule says to a person: its limits, when it fires and when it ends. Functions take the unit of its thresholds,
which `units_of` knows of all rules at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_noop

from dashboard.alert_texts import label_of
from dashboard.amount_texts import limit
from dashboard.languages import gettext
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import AlertScope, Comparison, NoData, Rule
from monitoring.history.backtest_report import units_of

FIRES = {
    (AlertScope.HOST, True): gettext_noop("Fires when %(label)s of a host is above %(limit)s."),
    (AlertScope.HOST, False): gettext_noop("Fires when %(label)s of a host is below %(limit)s."),
    (AlertScope.NODE, True): gettext_noop("Fires when %(label)s of a node is above %(limit)s."),
    (AlertScope.NODE, False): gettext_noop("Fires when %(label)s of a node is below %(limit)s."),
    (AlertScope.FLEET, True): gettext_noop("Fires when %(label)s of all nodes together is above %(limit)s."),
    (AlertScope.FLEET, False): gettext_noop("Fires when %(label)s of all nodes together is below %(limit)s."),
    (AlertScope.CLIENT, True): gettext_noop("Fires when %(label)s of a client is above %(limit)s."),
    (AlertScope.CLIENT, False): gettext_noop("Fires when %(label)s of a client is below %(limit)s."),
}
"""By scope, and whether the rule is about values above its limit."""

SHARE_FIRES = {
    (AlertScope.NODE, True): gettext_noop(
        "Fires when more than %(limit)s of the clients of a node have %(label)s above %(each)s."
    ),
    (AlertScope.NODE, False): gettext_noop(
        "Fires when more than %(limit)s of the clients of a node have %(label)s below %(each)s."
    ),
    (AlertScope.FLEET, True): gettext_noop(
        "Fires when more than %(limit)s of the clients of all nodes together have %(label)s above %(each)s."
    ),
    (AlertScope.FLEET, False): gettext_noop(
        "Fires when more than %(limit)s of the clients of all nodes together have %(label)s below %(each)s."
    ),
}
"""The same of rules about the share of clients beyond a limit of their own."""


def limit_text(rule: Rule, unit: str) -> str:
    """What a rule asks for: "80 % for 10 s, ends at 76 % after 5 s". `lib/rules.js` says the same."""
    facts = {
        "limit": limit(rule.threshold, unit),
        "for": limit(rule.for_seconds, "s"),
        "exit": limit(rule.exit_threshold, unit),
        "keep": limit(rule.keep_firing_seconds, "s"),
    }
    if rule.for_seconds and rule.keep_firing_seconds:
        return gettext("%(limit)s for %(for)s, ends at %(exit)s after %(keep)s") % facts
    if rule.for_seconds:
        return gettext("%(limit)s for %(for)s, ends at %(exit)s") % facts
    if rule.keep_firing_seconds:
        return gettext("%(limit)s, ends at %(exit)s after %(keep)s") % facts
    return gettext("%(limit)s, ends at %(exit)s") % facts


def limit_texts(rules: Collection[Rule], thresholds: Mapping[str, float]) -> dict[str, str]:
    """What stands at the limits that charts show, by metric."""
    shown = [rule for rule in rules if rule.each_threshold is None and thresholds.get(rule.metric) == rule.threshold]
    # The rule named after the metric decides.
    shown.sort(key=lambda rule: rule.key == rule.metric)
    units = units_of(shown)
    return {rule.metric: gettext("limit %(what)s") % {"what": limit_text(rule, units[rule.key])} for rule in shown}


def time_of(seconds: float) -> str:
    """A rule's time: "at once" for none."""
    return limit(seconds, "s") if seconds else gettext("at once")


def each_of(rule: Rule) -> str:
    """The limit of single clients, if the rule is about the share of them beyond it."""
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    return "" if rule.each_threshold is None else limit(rule.each_threshold, metric.unit if metric else "")


def fires_when(rule: Rule, unit: str) -> str:
    """ "Fires when CPU of a host is above 80 % for 10 s." """
    is_share = rule.each_threshold is not None
    sentence = (SHARE_FIRES if is_share else FIRES)[rule.scope, rule.comparison is Comparison.ABOVE]
    beyond = _for(each_of(rule) if is_share else limit(rule.threshold, unit), rule.for_seconds)
    facts = {"label": label_of("", rule.metric), "limit": beyond}
    return gettext(sentence) % (facts | {"limit": limit(rule.threshold, unit), "each": beyond} if is_share else facts)


def ends_when(rule: Rule, unit: str) -> str:
    """ "Ends once it has been at or below 76 % for 5 s." """
    sentence = (
        gettext("Ends once it has been at or below %(limit)s.")
        if rule.is_above
        else gettext("Ends once it has been at or above %(limit)s.")
    )
    return sentence % {"limit": _for(limit(rule.exit_threshold, unit), rule.keep_firing_seconds)}


def _for(value: str, seconds: float) -> str:
    """A limit, and for how long, if that is not at once."""
    return gettext("%(value)s for %(time)s") % {"value": value, "time": time_of(seconds)} if seconds else value


def without_data(rule: Rule) -> str:
    """ "ends after 60 s": what becomes of an alert whose value is not known."""
    if rule.no_data is NoData.KEEP:
        return gettext("goes on")
    ends = gettext("ends after %(time)s") if rule.no_data is NoData.RESOLVE else gettext("fires after %(time)s")
    return ends % {"time": time_of(rule.no_data_seconds)}


def without_data_sentence(rule: Rule) -> str:
    """ "Without data it ends after 60 s." """
    if rule.no_data is NoData.KEEP:
        return gettext("Without data it goes on.")
    sentence = (
        gettext("Without data it ends after %(time)s.")
        if rule.no_data is NoData.RESOLVE
        else gettext("Without data it fires after %(time)s.")
    )
    return sentence % {"time": time_of(rule.no_data_seconds)}
