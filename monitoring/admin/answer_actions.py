"""For the list and the page of alerts in the admin: acknowledge, comment, resolve and silence, and each alert's log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.access import ANSWER_PERMISSION
from monitoring.admin.cells import badge, stamp
from monitoring.admin.lists import FACTS
from monitoring.alerting import answers
from monitoring.alerting.answers import AnswerCounts, AnswerKind
from monitoring.alerting.entries import LONGEST_ANSWER
from monitoring.alerting.silences import COLUMNS
from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core.alert_matchers import MATCHER_NAMES
from monitoring.core.inputs import plain_text
from monitoring.models import Alert, AlertEntry
from monitoring.models.alert import AlertQuerySet
from monitoring.models.alert_answer import ACKNOWLEDGED, COMMENTED, RESOLVED, UNACKNOWLEDGED

ROWS_AT_A_TIME = 500
LENGTHS = {
    "": _("until it is over"), "1": _("1 hour"), "4": _("4 hours"), "24": _("24 hours"), "168": _("7 days"),
}  # fmt: skip
DONE = {
    AnswerKind.ACKNOWLEDGE: ACKNOWLEDGED,
    AnswerKind.UNACKNOWLEDGE: UNACKNOWLEDGED,
    AnswerKind.COMMENT: COMMENTED,
    AnswerKind.RESOLVE: RESOLVED,
}
OUTCOMES = {
    AnswerKind.ACKNOWLEDGE: _("%(count)d acknowledged"),
    AnswerKind.UNACKNOWLEDGE: _("%(count)d unacknowledged"),
    AnswerKind.COMMENT: _("%(count)d commented"),
    AnswerKind.RESOLVE: _("%(count)d resolved"),
}
TITLES = {
    AnswerKind.ACKNOWLEDGE: _("Acknowledge"),
    AnswerKind.UNACKNOWLEDGE: _("Take acknowledgements back"),
    AnswerKind.COMMENT: _("Comment on"),
    AnswerKind.RESOLVE: _("Resolve"),
}


def may_answer(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(ANSWER_PERMISSION))


class AnswerForm(forms.Form):
    """What somebody says with an answer, and how long an acknowledgement holds."""

    text = forms.CharField(
        required=False, max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 3}), label=_("Text")
    )
    hours = forms.ChoiceField(required=False, choices=list(LENGTHS.items()), label=_("Holds"))

    def __init__(self, kind: AnswerKind, data: Any = None) -> None:
        super().__init__(data)
        self.fields["text"].required = kind is AnswerKind.COMMENT
        if kind is not AnswerKind.ACKNOWLEDGE:
            del self.fields["hours"]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            return plain_text(text, LONGEST_ANSWER)
        except ValueError as error:
            raise forms.ValidationError(gettext("must be %(allowed)s") % {"allowed": error}) from None

    def arguments(self, now: datetime) -> dict[str, Any]:
        """Those of the functions of `answers`."""
        hours = self.cleaned_data.get("hours")
        until = {"until": now + timedelta(hours=int(hours))} if hours else {}
        return {"text": self.cleaned_data["text"]} | until


class EntriesOfAlert(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    """The log of an alert; lines are added by answers only."""

    model = AlertEntry
    template = FACTS
    verbose_name_plural = _("Log")
    fields = readonly_fields = ("shown_at", "kind_badge", "by", "text", "shown_until")
    ordering = ("at", "id")
    can_delete = False
    extra = 0

    @admin.display(description=_("time"))
    def shown_at(self, entry: AlertEntry) -> str:
        return stamp(entry.at)

    @admin.display(description=_("what"))
    def kind_badge(self, entry: AlertEntry) -> SafeString:
        return badge(entry.kind)

    @admin.display(description=_("until"))
    def shown_until(self, entry: AlertEntry) -> str:
        return stamp(entry.until) if entry.until else ""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Whoever sees the alert."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class AnswersAlerts:
    """For the admin of alerts; who has the permission `avatar_monitoring.answer_alert` may answer what they see."""

    change_form_template: Any = "admin/avatar_monitoring/alert_form.html"
    actions: Sequence[Callable[..., Any] | str] | None = (
        "export_csv",
        "export_jsonl",
        "acknowledge",
        "unacknowledge",
        "resolve",
        "silence",
    )

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return may_answer(request)

    def get_inlines(self, request: HttpRequest, obj: Alert | None) -> list[Any]:
        return [*super().get_inlines(request, obj), EntriesOfAlert]  # type: ignore[misc]

    @admin.action(description=_("Acknowledge"), permissions=["answer"])
    def acknowledge(self, request: HttpRequest, alerts: AlertQuerySet) -> HttpResponseBase | None:
        return self._ask(request, alerts, AnswerKind.ACKNOWLEDGE)

    @admin.action(description=_("Take acknowledgements back"), permissions=["answer"])
    def unacknowledge(self, request: HttpRequest, alerts: AlertQuerySet) -> HttpResponseBase | None:
        return self._ask(request, alerts, AnswerKind.UNACKNOWLEDGE)

    @admin.action(description=_("Resolve"), permissions=["answer"])
    def resolve(self, request: HttpRequest, alerts: AlertQuerySet) -> HttpResponseBase | None:
        return self._ask(request, alerts, AnswerKind.RESOLVE)

    @admin.action(description=_("Silence alerts like these"), permissions=["answer"])
    def silence(self, request: HttpRequest, alerts: AlertQuerySet) -> HttpResponseBase:  # noqa: ARG002
        """Leads to a new silence whose matchers are what all of them have in common."""
        address = reverse("admin:avatar_monitoring_silence_add", current_app=self.admin_site.name)  # type: ignore[attr-defined]
        return HttpResponseRedirect(f"{address}?{urlencode(in_common(alerts))}")

    def _ask(self, request: HttpRequest, alerts: AlertQuerySet, kind: AnswerKind) -> HttpResponseBase | None:
        """The page between the list and the answer; the answer is given to what the list finds then."""
        form = AnswerForm(kind, request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._answer(request, alerts, kind, form)
            return None
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": TITLES[kind],
            "opts": Alert._meta,
            "action": kind.value,
            "form": form,
            "firing": alerts.firing().count(),
            "over": alerts.resolved().count(),
            "selected": request.POST.getlist("_selected_action"),
            "across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/avatar_monitoring/answer.html", context)

    def _answer(self, request: HttpRequest, alerts: AlertQuerySet, kind: AnswerKind, form: AnswerForm) -> None:
        now = timezone.now()
        by = request.user.get_username()
        counts = answers.ANSWERS[kind](alerts, by, now=now, **form.arguments(now))
        _log(request, by, kind, now, form.cleaned_data["text"])
        level = messages.SUCCESS if counts.done else messages.WARNING
        messages.add_message(request, level, outcome(kind, counts))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.answer_view)  # type: ignore[attr-defined]
        mine = path("<path:object_id>/answer/", view, name="avatar_monitoring_alert_answer")
        return [mine, *super().get_urls()]  # type: ignore[misc]

    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Takes the form on the page of one alert."""
        if not may_answer(request):
            raise PermissionDenied
        alert = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if alert is None:
            raise Http404
        if request.method == "POST" and request.POST.get("answer") in set(AnswerKind):
            kind = AnswerKind(request.POST["answer"])
            form = AnswerForm(kind, request.POST)
            if form.is_valid():
                self._answer(request, Alert.objects.numbered(alert.pk), kind, form)
            else:
                told = "; ".join(f"{form[name].label}: {' '.join(map(str, one))}" for name, one in form.errors.items())
                messages.error(request, gettext("Nothing was changed: %(reason)s") % {"reason": told})
        site: str = self.admin_site.name  # type: ignore[attr-defined]
        name = "admin:avatar_monitoring_alert_change"
        return HttpResponseRedirect(reverse(name, args=[alert.pk], current_app=site))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        more = {"may_answer": may_answer(request), "answer_form": AnswerForm(AnswerKind.ACKNOWLEDGE)}
        return super().render_change_form(request, context | more, *arguments, **options)  # type: ignore[misc]


def in_common(alerts: AlertQuerySet) -> dict[str, str]:
    """The matchers that fit all these alerts: the names that are the same in all of them."""
    found = {}
    for name in MATCHER_NAMES:
        column = COLUMNS.get(name, name)
        values = list(alerts.order_by().values_list(column, flat=True).distinct()[:2])
        if len(values) == 1 and values[0]:
            found[name] = values[0]
    return found


def outcome(kind: AnswerKind, counts: AnswerCounts) -> str:
    """How many alerts were answered, and what became of the others."""
    told = [OUTCOMES[kind] % {"count": counts.done}]
    if counts.already:
        were = _("%(count)d not acknowledged") if kind is AnswerKind.UNACKNOWLEDGE else _("%(count)d already were")
        told.append(were % {"count": counts.already})
    if counts.resolved:
        told.append(gettext("%(count)d had ended before") % {"count": counts.resolved})
    return ", ".join(map(str, told)) + "."


def _log(request: HttpRequest, by: str, kind: AnswerKind, now: datetime, text: str) -> None:
    """Writes each answered alert into Django's own log, too."""
    user: Any = request.user.pk
    own = {"entries__at": now, "entries__by": fitting(by, MAX_USERNAME), "entries__kind": DONE[kind]}
    found = Alert.objects.filter(**own).order_by("pk")
    at = 0
    while some := list(found.filter(pk__gt=at)[:ROWS_AT_A_TIME]):
        LogEntry.objects.log_actions(user, some, CHANGE, f"{DONE[kind]}: {text}" if text else DONE[kind])
        at = some[-1].pk
