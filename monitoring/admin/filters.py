"""The admin's filters by time and state; both go through the query sets' named methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.alert_words import label_of
from monitoring.alerting.rules import rules_in_force
from monitoring.disconnecting import Outcome
from monitoring.models.alert import STATES
from monitoring.models.alert_rule import SEVERITIES
from monitoring.row_words import word

LENGTHS = {
    "1h": (_("Last hour"), timedelta(hours=1)),
    "24h": (_("Last 24 hours"), timedelta(hours=24)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
    "1y": (_("Last year"), timedelta(days=365)),
}
EVER = "all"


class PeriodFilter(SimpleListFilter):
    """Rows of a recent period; `default` is the one that a list shows first, so that no list begins with all rows."""

    title = _("period")
    parameter_name = "period"
    default = "24h"

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        super().__init__(request, params, model, model_admin)
        # A date picked from the hierarchy is itself a period.
        prefix = f"{model_admin.date_hierarchy}__"
        self._chosen = EVER if any(name.startswith(prefix) for name in request.GET) else self.default

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [*((key, label) for key, (label, _length) in LENGTHS.items()), (EVER, _("Any time"))]

    def value(self) -> str:
        return super().value() or self._chosen

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for key, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key})
            yield {"selected": self.value() == str(key), "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        found = self.range(timezone.now())
        return queryset.between(*found) if found else queryset  # type: ignore[attr-defined]

    def range(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Start and end of the period; None for any time."""
        if self.value() not in LENGTHS:
            return None
        return now - LENGTHS[self.value()][1], now


class WeekFilter(PeriodFilter):
    default = "7d"


class MonthFilter(PeriodFilter):
    default = "30d"


class YearFilter(PeriodFilter):
    default = "1y"


class StateFilter(SimpleListFilter):
    """Alerts that fire now, that are over, or whose state is unknown."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(state, str(words)) for state, words in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        state = self.value()
        return queryset.in_state(state) if state in STATES else queryset  # type: ignore[attr-defined]


class OpenFilter(SimpleListFilter):
    """Sessions that are open, or over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("open", gettext("Open")), ("closed", gettext("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        methods = {"open": "open", "closed": "closed"}
        state = self.value()
        return getattr(queryset, methods[state])() if state in methods else queryset


class KnownValuesFilter(SimpleListFilter):
    """A column's values as they are known without reading the table, which Django would do to find them."""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(value, self.name_of(value)) for value in self.values()]

    def name_of(self, value: str) -> str:
        return word(value)

    def values(self) -> Iterable[str]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class SeverityFilter(KnownValuesFilter):
    title = _("severity")
    parameter_name = "severity"

    def values(self) -> Iterable[str]:
        return dict(SEVERITIES)


class OutcomeFilter(KnownValuesFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def values(self) -> Iterable[str]:
        return [outcome.value for outcome in Outcome]


class MetricFilter(KnownValuesFilter):
    """Alerts by metric: the metrics of the rules in force, and the one that is chosen."""

    title = _("metric")
    parameter_name = "metric"

    def values(self) -> Iterable[str]:
        metrics = {rule.metric for rule in rules_in_force().values()}
        return sorted(filter(None, {*metrics, self.value()}))

    def name_of(self, value: str) -> str:
        return label_of(value)


class UserFilter(SimpleListFilter):
    """Sessions of known or of unknown users; which ones, the links in the list's columns choose."""

    title = _("user")
    parameter_name = "known"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", gettext("Known")), ("no", gettext("Not known"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        known = self.value()
        return queryset.with_user(known == "yes") if known in ("yes", "no") else queryset  # type: ignore[attr-defined]
