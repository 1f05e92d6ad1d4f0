"""Rules in the admin: those that are rows, and the built-in ones, which a row may replace or switch off."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Media, model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from monitoring import conf
from monitoring.admin.cells import badge, stacked, stamp
from monitoring.admin.lists import CheckedQueries
from monitoring.admin.rule_form import FIELDS, AlertRuleForm, differences
from monitoring.admin.style import style
from monitoring.admin.utc import in_utc
from monitoring.alerting.rules import as_row, as_rule, built_in_rules
from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core.alert_rules import Comparison, Rule
from monitoring.core.amounts import exact
from monitoring.core.inputs import echo
from monitoring.history.backtest import preview
from monitoring.history.backtest_report import unit_of
from monitoring.models import AlertRule
from monitoring.row_words import word
from monitoring.unit_texts import with_unit

logger = logging.getLogger(__name__)


@admin.register(AlertRule)
class AlertRuleAdmin(CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    form = AlertRuleForm
    change_list_template = "admin/avatar_monitoring/rule_list.html"
    change_form_template = "admin/avatar_monitoring/rule_form.html"
    list_display = (
        "name", "badges", "shown_condition", "shown_for", "shown_change",
    )  # fmt: skip
    list_filter = ("enabled", "severity", "scope")
    search_fields = ("name", "metric", "text")
    ordering = ("name",)
    date_hierarchy = None
    fieldsets = (
        (None, {"fields": ("name", "enabled", "severity")}),
        (_("What"), {"fields": ("metric", "scope", "each_threshold")}),
        (
            pgettext_lazy("a rule fires", "When"),
            {"fields": ("comparison", "threshold", "exit_threshold", "for_seconds", "keep_firing_seconds")},
        ),
        (_("Without data"), {"fields": ("no_data", "no_data_seconds")}),
        (_("For people"), {"fields": ("text", "runbook")}),
    )

    @property
    def media(self) -> Media:
        return super().media + style()

    # The list

    @admin.display(description=_("state, severity"), ordering="severity")
    def badges(self, row: AlertRule) -> SafeString | None:
        return stacked(badge(state_of(row)), badge(row.severity))

    @admin.display(description=_("fires, ends"), ordering="metric")
    def shown_condition(self, row: AlertRule) -> SafeString | None:
        rule = as_rule(row)
        ends = gettext("ends at %(value)s") % {"value": amount(rule, rule.exit_threshold)}
        return stacked(condition(rule), ends, row.get_scope_display())

    @admin.display(description=_("for, keeps firing"), ordering="for_seconds")
    def shown_for(self, row: AlertRule) -> SafeString | None:
        keeps = gettext("keeps %(time)s") % {"time": with_unit(f"{row.keep_firing_seconds:g}", "s")}
        return stacked(with_unit(f"{row.for_seconds:g}", "s"), keeps)

    @admin.display(description=_("changed"), ordering="changed_at")
    def shown_change(self, row: AlertRule) -> SafeString | None:
        return stacked(stamp(row.changed_at), row.changed_by)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        rows = {row.name: row for row in AlertRule.objects.by_name()}
        context = {
            "built_in": [shown_built_in(rule, rows.get(name)) for name, rule in built_in_rules().items()],
            "may_add": self.has_add_permission(request),
            "are_in_force": bool(conf.current().redis_url),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    # The form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return () if obj is None else ("name",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """With `override`, the values of the built-in rule of that name. Raises ValueError for another name."""
        name = request.GET.get("override")
        if name is None:
            return super().get_changeform_initial_data(request)
        rules = built_in_rules()
        if name not in rules:
            raise ValueError(f"override={echo(name)}: must be a built-in rule: {', '.join(rules)}")
        return model_to_dict(as_row(rules[name]), ("name", *FIELDS))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        mine = [
            path("add/preview/", view, name="avatar_monitoring_alertrule_preview_new"),
            path("<path:object_id>/change/preview/", view, name="avatar_monitoring_alertrule_preview"),
        ]
        return [*mine, *super().get_urls()]

    def preview_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """The form as it was sent, with how often its rule would have fired; nothing is saved."""
        row = None if object_id is None else self.get_object(request, object_id)
        may = self.has_add_permission(request) if row is None else self.has_change_permission(request, row)
        if not may:
            raise PermissionDenied
        if object_id is not None and row is None:
            raise Http404(f"There is no rule number {echo(object_id)}")
        form_url = reverse(
            f"admin:avatar_monitoring_alertrule_{'add' if row is None else 'change'}",
            args=[] if row is None else [row.pk],
            current_app=self.admin_site.name,
        )
        if request.method != "POST":
            return HttpResponseRedirect(form_url)
        form: Any = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        if form.is_valid():
            messages.info(request, would_have_fired(form.rule()))
        response = self._unsaved(request, form, row, form_url)
        in_utc(response)
        return response

    def _unsaved(self, request: HttpRequest, form: forms.ModelForm, row: Any, form_url: str) -> HttpResponse:  # type: ignore[type-arg]
        fieldsets: Any = list(self.get_fieldsets(request, row))
        fields = helpers.AdminForm(form, fieldsets, {}, self.get_readonly_fields(request, row), model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            # Django's own texts, as the form has them before the preview.
            "title": (gettext("Add %s") if row is None else gettext("Change %s")) % self.opts.verbose_name,
            "adminform": fields,
            "object_id": None if row is None else str(row.pk),
            "original": row,
            "is_popup": False,
            "to_field": None,
            "media": self.media + fields.media,
            "inline_admin_formsets": [],
            "errors": helpers.AdminErrorList(form, []),
            "preserved_filters": self.get_preserved_filters(request),
        }
        return self.render_change_form(
            request, context, add=row is None, change=row is not None, obj=row, form_url=form_url
        )

    # Changes

    def save_model(self, request: HttpRequest, obj: AlertRule, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        obj.changed_by = fitting(request.user.get_username(), MAX_USERNAME)
        super().save_model(request, obj, form, change)
        logger.info("%s %s the rule %s: %s", obj.changed_by, _did(change=change), obj.name, differences(form))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Django names the fields only."""
        return differences(form) or super().construct_change_message(request, form, formsets, add)

    def delete_model(self, request: HttpRequest, obj: AlertRule) -> None:
        logger.info("%s deleted the rule %s", request.user.get_username(), obj.name)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        names = ", ".join(row.name for row in queryset)
        logger.info("%s deleted the rules %s", request.user.get_username(), names)
        super().delete_queryset(request, queryset)


def state_of(row: AlertRule) -> str:
    """What a row does: it is a rule, or it replaces a built-in one, or it switches one off."""
    is_built_in = row.name in built_in_rules()
    if not row.enabled:
        return "switches off" if is_built_in else "disabled"
    return "replaces" if is_built_in else "in force"


def shown_built_in(rule: Rule, row: AlertRule | None) -> dict[str, Any]:
    """A line of the table of built-in rules; `row` is the one that has its name."""
    return {
        "rule": rule,
        "severity": badge(rule.severity),
        "scope": word(rule.scope),
        "held": with_unit(f"{rule.for_seconds:g}", "s"),
        "kept": with_unit(f"{rule.keep_firing_seconds:g}", "s"),
        "condition": condition(rule),
        "exit": amount(rule, rule.exit_threshold),
        "row": row,
        "state": badge("in force" if row is None else "replaced" if row.enabled else "switched off"),
    }


def condition(rule: Rule) -> str:
    """When a rule fires: "cpu_percent above 80 %", "fps below 30 for more than 20 % of the clients"."""
    if rule.each_threshold is None:
        values = {"metric": rule.metric, "limit": amount(rule, rule.threshold)}
        below, above = gettext("%(metric)s below %(limit)s"), gettext("%(metric)s above %(limit)s")
        return (below if rule.comparison is Comparison.BELOW else above) % values
    share = with_unit(f"{rule.threshold:g}", "%")
    values = {"metric": rule.metric, "limit": f"{rule.each_threshold:g}", "share": share}
    if rule.comparison is Comparison.BELOW:
        return gettext("%(metric)s below %(limit)s for more than %(share)s of the clients") % values
    return gettext("%(metric)s above %(limit)s for more than %(share)s of the clients") % values


def amount(rule: Rule, value: float) -> str:
    return with_unit(exact(value), unit_of(rule))


def would_have_fired(rule: Rule) -> str:
    """The answer of a preview, as a sentence."""
    found = preview(rule)
    time = with_unit(f"{found.seconds_firing / 60:.0f}", "min")
    told = ngettext(
        "It would have fired %(count)d time in the last 7 days, %(time)s in all: %(source)s.",
        "It would have fired %(count)d times in the last 7 days, %(time)s in all: %(source)s.",
        found.episodes,
    )
    return told % {"count": found.episodes, "time": time, "source": found.from_what}


def _did(*, change: bool) -> str:
    return "changed" if change else "added"
