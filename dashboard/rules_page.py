"""What the list of rules shows: each rule in force, where it comes from, and how often it fired lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext_noop

from dashboard.alert_texts import label_of
from dashboard.amount_texts import limit
from dashboard.languages import gettext, project_address
from dashboard.rule_texts import each_of, ends_when, fires_when, time_of, without_data, without_data_sentence
from dashboard.shown_rules import known_rules
from monitoring import conf
from monitoring.alerting.rules import built_in_rules
from monitoring.core.alert_rules import DEFAULT_THRESHOLDS, SEVERITIES, AlertScope, Comparison, Rule
from monitoring.history import alert_counts
from monitoring.history.backtest_report import units_of
from monitoring.models import AlertRule

LATELY = timedelta(days=7)
SCOPES = {
    AlertScope.HOST: gettext_noop("host"),
    AlertScope.NODE: gettext_noop("node"),
    AlertScope.FLEET: gettext_noop("fleet"),
    AlertScope.CLIENT: gettext_noop("client"),
}


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule as pages show it. `unit` is that of its thresholds, `source` is where it comes from, `lately` how many of
    its episodes began in the last seven days, `admin_url` the form that changes it, empty for people who may not."""

    rule: Rule
    unit: str
    source: str
    lately: int = 0
    admin_url: str = ""

    @property
    def label(self) -> str:
        return label_of(self.rule.key, self.rule.metric)

    @property
    def url(self) -> str:
        return project_address("avatar_monitoring:rule", self.rule.key)

    @property
    def episodes_url(self) -> str:
        return f"{project_address('avatar_monitoring:alerts')}?{urlencode({'rule': self.rule.key})}"

    @property
    def fires(self) -> str:
        return fires_when(self.rule, self.unit)

    @property
    def ends(self) -> str:
        return ends_when(self.rule, self.unit)

    @property
    def limit(self) -> str:
        rule = self.rule
        facts = {"limit": limit(rule.threshold, self.unit), "each": each_of(rule)}
        if rule.each_threshold is None:
            return (gettext("above %(limit)s") if rule.is_above else gettext("below %(limit)s")) % facts
        sentence = (
            gettext("above %(limit)s of clients above %(each)s")
            if rule.comparison is Comparison.ABOVE
            else gettext("above %(limit)s of clients below %(each)s")
        )
        return sentence % facts

    @property
    def exit(self) -> str:
        return limit(self.rule.exit_threshold, self.unit)

    @property
    def whose(self) -> str:
        """What its values are values of, in one word."""
        return gettext(SCOPES[self.rule.scope])

    @property
    def lasting(self) -> str:
        return time_of(self.rule.for_seconds)

    @property
    def keeps(self) -> str:
        return time_of(self.rule.keep_firing_seconds)

    @property
    def no_data(self) -> str:
        return without_data(self.rule)

    @property
    def no_data_sentence(self) -> str:
        return without_data_sentence(self.rule)


def rules_page(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The template's context."""
    rules = known_rules().rules
    rows = {row.name: row for row in AlertRule.objects.by_name()}
    lately = alert_counts.by_rule(now - LATELY)
    units = units_of(rules.values())
    shown = [shown_rule(rule, units[name], rows, request, lately.get(name, 0)) for name, rule in rules.items()]
    return {
        "rules": sorted(shown, key=lambda one: SEVERITIES.index(one.rule.severity)),
        "off": sorted(name for name, row in rows.items() if not row.enabled and name not in rules),
        "add_url": _admin_url(request, "add"),
        "rows_work": bool(conf.current().redis_url),
    }


def shown_rule(rule: Rule, unit: str, rows: dict[str, AlertRule], request: HttpRequest, lately: int = 0) -> ShownRule:
    """A rule in force with what `request`'s user may do about it."""
    row = rows.get(rule.key)
    return ShownRule(rule, unit, _source(rule, row), lately, _form_url(request, rule, row))


def _source(rule: Rule, row: AlertRule | None) -> str:
    if row is None or not conf.current().redis_url:
        return gettext("settings") if rule.key in DEFAULT_THRESHOLDS else gettext("built in")
    facts = {"date": f"{row.changed_at:%Y-%m-%d}", "name": row.changed_by}
    if rule.key in built_in_rules():
        by = gettext("row, replaces the built-in rule, changed %(date)s by %(name)s")
        sentence = by if row.changed_by else gettext("row, replaces the built-in rule, changed %(date)s")
    else:
        by = gettext("row, changed %(date)s by %(name)s")
        sentence = by if row.changed_by else gettext("row, changed %(date)s")
    return sentence % facts


def _form_url(request: HttpRequest, rule: Rule, row: AlertRule | None) -> str:
    if row is not None:
        return _admin_url(request, "change", row.pk)
    address = _admin_url(request, "add")
    return f"{address}?{urlencode({'override': rule.key})}" if address else ""


def _admin_url(request: HttpRequest, deed: str, *arguments: int) -> str:
    """The admin's form, empty if this person may not use it or the admin is not served."""
    user: Any = getattr(request, "user", None)
    if not getattr(user, "is_staff", False) or not user.has_perm(f"avatar_monitoring.{deed}_alertrule"):
        return ""
    try:
        return project_address(f"admin:avatar_monitoring_alertrule_{deed}", *arguments)
    except NoReverseMatch:
        return ""
