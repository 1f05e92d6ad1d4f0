"""Silences in the admin: made with a form for their matchers, ended early, and shown with what they hide now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin.answer_actions import may_answer
from monitoring.admin.cells import UNKNOWN, badge, stacked, stamp
from monitoring.admin.large_tables import LargeTable
from monitoring.admin.lists import CheckedQueries
from monitoring.admin.silence_form import MOST_SHOWN, SilenceForm
from monitoring.admin.style import style
from monitoring.alert_words import headline
from monitoring.alerting import silences, silencing
from monitoring.alerting.silencing import SilenceOverError
from monitoring.core.alert_matchers import MATCHER_NAMES
from monitoring.models import Silence

USUAL_LENGTH = timedelta(hours=2)


@admin.register(Silence)
class SilenceAdmin(LargeTable, CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Silences are made and ended, never changed: who was told what would otherwise be unknown."""

    form = SilenceForm
    change_form_template = "admin/avatar_monitoring/silence_form.html"
    list_display = (
        "shown_matchers",
        "state_badge",
        "shown_hides",
        "shown_span",
        "shown_reason",
    )
    list_display_links = ("shown_matchers",)
    list_filter = ("repeats", "by")
    search_fields = ("reason", "by")
    date_hierarchy = None
    ordering = ("-starts_at", "-id")
    actions = ("end_now",)
    list_per_page = 60

    @property
    def media(self) -> Media:
        return super().media + style()

    # Who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or may_answer(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) or may_answer(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_answer(request)

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return may_answer(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)

    # The list

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        hidden = silences.hidden_by(found.result_list)
        for row in found.result_list:
            row.hides = hidden.get(row.pk, 0)
        return found

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        if obj is None:
            return (
                (_("Which alerts: those that match all of these"), {"fields": MATCHER_NAMES}),
                (_("When, in UTC, and why"), {"fields": ("starts_at", "ends_at", "repeats", "reason")}),
            )
        shown = ("shown_matchers", "state_badge", "shown_start", "shown_end", "repeats", "reason", "by", "shown_ended")
        return ((None, {"fields": shown}), (_("What it hides now"), {"fields": ("shown_hidden",)}))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        # The fields of the matchers are those of no column.
        options["fields"] = SilenceForm.Meta.fields
        return super().get_form(request, obj, change, **options)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        if obj is None:
            return ()
        return ("shown_matchers", "state_badge", "shown_start", "shown_end", "shown_ended", "shown_hidden")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From now, for two hours, unless the address says otherwise."""
        now = timezone.now().replace(microsecond=0)
        usual = {"starts_at": now, "ends_at": now + USUAL_LENGTH}
        return usual | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Silence, form: Any, change: bool) -> None:  # noqa: ARG002
        made = silencing.create(
            matchers=obj.matchers,
            reason=obj.reason,
            by=request.user.get_username(),
            starts_at=obj.starts_at,
            ends_at=obj.ends_at,
            repeats=obj.repeats,
        )
        obj.pk = made.pk
        number = silences.hiding(made).count()
        told = ngettext("It hides %(count)d firing alert now.", "It hides %(count)d firing alerts now.", number)
        messages.info(request, told % {"count": number})

    # The end

    @admin.action(description=_("End now"), permissions=["answer"])
    def end_now(self, request: HttpRequest, rows: QuerySet[Silence]) -> None:
        ended = [row for row in rows if self._end(request, row)]
        told = ngettext("%(count)d silence ended.", "%(count)d silences ended.", len(ended))
        messages.info(request, told % {"count": len(ended)})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_view)
        return [path("<path:object_id>/end/", view, name="avatar_monitoring_silence_end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not may_answer(request):
            raise PermissionDenied
        silence = self.get_object(request, object_id)
        if silence is None:
            raise Http404
        if request.method == "POST":
            self._end(request, silence)
        name = "admin:avatar_monitoring_silence_change"
        return HttpResponseRedirect(reverse(name, args=[silence.pk], current_app=self.admin_site.name))

    def _end(self, request: HttpRequest, silence: Silence) -> bool:
        try:
            silencing.end(silence, request.user.get_username())
        except SilenceOverError as error:
            messages.warning(request, f"{silence}: {error}")
            return False
        self.log_change(request, silence, "ended")
        return True

    # What is shown

    @admin.display(description=_("alerts"))
    def shown_matchers(self, silence: Silence) -> str:
        return ", ".join(f"{name}={pattern}" for name, pattern in silence.matchers.items())

    @admin.display(description=_("state"))
    def state_badge(self, silence: Silence) -> SafeString:
        return badge(silences.state_of(silence, timezone.now()))

    @admin.display(description=_("hides now"))
    def shown_hides(self, silence: Silence) -> int:
        found: int = silence.hides  # type: ignore[attr-defined]  # set for the list
        return found

    @admin.display(description=_("starts, ends"), ordering="starts_at")
    def shown_span(self, silence: Silence) -> SafeString | None:
        repeats = silence.get_repeats_display() if silence.repeats else None
        return stacked(stamp(silence.starts_at), stamp(silence.ends_at), repeats)

    @admin.display(description=_("reason, by"), ordering="by")
    def shown_reason(self, silence: Silence) -> SafeString | None:
        return stacked(silence.reason, silence.by)

    @admin.display(description=_("starts"), ordering="starts_at")
    def shown_start(self, silence: Silence) -> str:
        return stamp(silence.starts_at)

    @admin.display(description=_("ends"), ordering="ends_at")
    def shown_end(self, silence: Silence) -> str:
        return stamp(silence.ends_at)

    @admin.display(description=_("ended early"))
    def shown_ended(self, silence: Silence) -> str:
        if not silence.ended_at:
            return UNKNOWN
        return format_html(gettext("{time} by {who}"), time=stamp(silence.ended_at), who=silence.ended_by)

    @admin.display(description=_("alerts"))
    def shown_hidden(self, silence: Silence) -> SafeString | str:
        found = silences.hiding(silence)
        rows = [
            (_address(alert.pk, self.admin_site.name), headline(alert), _since(alert.started_at))
            for alert in found[:MOST_SHOWN]
        ]
        if not rows:
            return gettext("none")
        left = found.count() - len(rows)
        listed = format_html_join("", '<a href="{}">{}</a>, {}<br>', rows)
        rest = ngettext("and %(more)d more", "and %(more)d more", left) % {"more": left} if left else ""
        return format_html("{}{}", listed, rest)


def _since(moment: datetime) -> SafeString:
    return format_html(gettext("since {time}"), time=stamp(moment))


def _address(number: int, site: str) -> str:
    return reverse("admin:avatar_monitoring_alert_change", args=[number], current_app=site)
