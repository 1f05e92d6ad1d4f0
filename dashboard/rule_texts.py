"""What a rule says to a person: its limits, when it fires and when it ends. Functions take the unit of its thresholds,
which `units_of` knows of all rules at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext

from dashboard.alert_texts import label_of
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import AlertScope, NoData, Rule
from monitoring.history.backtest_report import units_of
from monitoring.unit_texts import limit

WHOSE = {
    AlertScope.HOST: "of a host",
    AlertScope.NODE: "of a node",
    AlertScope.FLEET: "of all nodes together",
    AlertScope.CLIENT: "of a client",
}
NO_DATA = {NoData.RESOLVE: "ends", NoData.KEEP: "goes on", NoData.FIRE: "fires"}


def limit_text(rule: Rule, unit: str) -> str:
    """What a rule asks for: "80 % for 10 s, ends at 76 % after 5 s". `lib/rules.js` says the same."""
    parts = [limit(rule.threshold, unit)]
    if rule.for_seconds:
        parts.append(gettext("for %(time)s") % {"time": limit(rule.for_seconds, "s")})
    ends = gettext("ends at %(value)s") % {"value": limit(rule.exit_threshold, unit)}
    if rule.keep_firing_seconds:
        ends += " " + gettext("after %(time)s") % {"time": limit(rule.keep_firing_seconds, "s")}
    return f"{' '.join(parts)}, {ends}"


def limit_texts(rules: Collection[Rule], thresholds: Mapping[str, float]) -> dict[str, str]:
    """What stands at the limits that charts show, by metric."""
    shown = [rule for rule in rules if rule.each_threshold is None and thresholds.get(rule.metric) == rule.threshold]
    # The rule named after the metric decides.
    shown.sort(key=lambda rule: rule.key == rule.metric)
    units = units_of(shown)
    return {rule.metric: gettext("limit %(what)s") % {"what": limit_text(rule, units[rule.key])} for rule in shown}


def time_of(seconds: float) -> str:
    """A rule's time: "at once" for none."""
    return limit(seconds, "s") if seconds else "at once"


def each_of(rule: Rule) -> str:
    """The limit of single clients, if the rule is about the share of them beyond it."""
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    return "" if rule.each_threshold is None else limit(rule.each_threshold, metric.unit if metric else "")


def fires_when(rule: Rule, unit: str) -> str:
    """ "Fires when CPU of a host is above 80 % for 10 s." """
    lasting = f" for {time_of(rule.for_seconds)}" if rule.for_seconds else ""
    label, whose = label_of("", rule.metric), WHOSE[rule.scope]
    if rule.each_threshold is None:
        return f"Fires when {label} {whose} is {rule.comparison} {limit(rule.threshold, unit)}{lasting}."
    share = f"more than {limit(rule.threshold, unit)} of the clients {whose}"
    return f"Fires when {share} have {label} {rule.comparison} {each_of(rule)}{lasting}."


def ends_when(rule: Rule, unit: str) -> str:
    """ "Ends once it has been at or below 76 % for 5 s." """
    side = "below" if rule.is_above else "above"
    calm = f" for {time_of(rule.keep_firing_seconds)}" if rule.keep_firing_seconds else ""
    return f"Ends once it has been at or {side} {limit(rule.exit_threshold, unit)}{calm}."


def without_data(rule: Rule) -> str:
    """ "ends after 60 s": what becomes of an alert whose value is not known."""
    return (
        f"{NO_DATA[rule.no_data]} after {time_of(rule.no_data_seconds)}"
        if rule.no_data is not NoData.KEEP
        else "goes on"
    )
