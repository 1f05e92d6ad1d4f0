"""What a rule says to a person: when it fires and when it ends, each in a sentence."""

from __future__ import annotations

from dashboard.alert_texts import label_of
from dashboard.amounts import amount, span
from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import AlertScope, NoData, Rule
from monitoring.history.backtest_report import unit_of

WHOSE = {
    AlertScope.HOST: "of a host",
    AlertScope.NODE: "of a node",
    AlertScope.FLEET: "of all nodes together",
    AlertScope.CLIENT: "of a client",
}
NO_DATA = {NoData.RESOLVE: "ends", NoData.KEEP: "goes on", NoData.FIRE: "fires"}


def limit_of(rule: Rule) -> str:
    """The threshold with its unit."""
    return amount(rule.threshold, unit_of(rule))


def exit_of(rule: Rule) -> str:
    """The exit threshold with its unit."""
    return amount(rule.exit_threshold, unit_of(rule))


def time_of(seconds: float) -> str:
    """A rule's time: "at once" for none."""
    return span(seconds) if seconds >= 1 else f"{seconds:g} s" if seconds else "at once"


def each_of(rule: Rule) -> str:
    """The limit of single clients, if the rule is about the share of them beyond it."""
    metric = ALERT_METRICS_BY_NAME.get(rule.metric)
    return "" if rule.each_threshold is None else amount(rule.each_threshold, metric.unit if metric else "")


def fires_when(rule: Rule) -> str:
    """ "Fires when CPU of a host is above 80 % for 10 s." """
    lasting = f" for {time_of(rule.for_seconds)}" if rule.for_seconds else ""
    label, whose = label_of("", rule.metric), WHOSE[rule.scope]
    if rule.each_threshold is None:
        return f"Fires when {label} {whose} is {rule.comparison} {limit_of(rule)}{lasting}."
    share = f"more than {limit_of(rule)} of the clients {whose}"
    return f"Fires when {share} have {label} {rule.comparison} {each_of(rule)}{lasting}."


def ends_when(rule: Rule) -> str:
    """ "Ends once it has been at or below 76 % for 5 s." """
    side = "below" if rule.is_above else "above"
    calm = f" for {time_of(rule.keep_firing_seconds)}" if rule.keep_firing_seconds else ""
    return f"Ends once it has been at or {side} {exit_of(rule)}{calm}."


def without_data(rule: Rule) -> str:
    """ "ends after 60 s": what becomes of an alert whose value is not known."""
    return (
        f"{NO_DATA[rule.no_data]} after {time_of(rule.no_data_seconds)}"
        if rule.no_data is not NoData.KEEP
        else "goes on"
    )
