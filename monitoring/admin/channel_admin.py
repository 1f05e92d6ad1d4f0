"""Alert channels in the admin: who is told about alerts, whether that works, and a test."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import Media
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.admin.cells import badge, stacked, stamp
from monitoring.admin.channel_form import MINUTES, AlertChannelForm
from monitoring.admin.lists import CheckedQueries
from monitoring.admin.style import style
from monitoring.alerting import channel_failures, environment_channels
from monitoring.alerting.attempts import address_of
from monitoring.alerting.channel_problems import masked
from monitoring.alerting.channel_trial import try_channels
from monitoring.alerting.outbox import plan_notices
from monitoring.columns import MAX_USERNAME, fitting
from monitoring.models import AlertChannel, Notice
from monitoring.unit_texts import with_unit

TEST_SECONDS = 15.0
"""Somebody waits for it."""

logger = logging.getLogger(__name__)


@admin.register(AlertChannel)
class AlertChannelAdmin(CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    form = AlertChannelForm
    list_display = (
        "name", "shown_state", "shown_where", "shown_last", "shown_change",
    )  # fmt: skip
    list_filter = ("enabled", "kind", "severity")
    search_fields = ("name",)
    ordering = ("name",)
    date_hierarchy = None
    actions = ("send_a_test", "switch_on")
    readonly_fields = ("shown_target", "shown_secret", "state_badge", "disabled_reason")

    @property
    def media(self) -> Media:
        return super().media + style()

    def get_fieldsets(self, request: HttpRequest, obj: AlertChannel | None = None) -> Any:  # noqa: ARG002
        entered = ("shown_target",) if obj and obj.fingerprint else ("new_target", "new_secret")
        shown = ("state_badge", "disabled_reason", "shown_target", "shown_secret")
        where = entered if obj is None or obj.fingerprint else (*shown, *entered)
        return (
            (None, {"fields": ("name", "kind", "enabled")}),
            (_("Where"), {"fields": where}),
            (_("Which alerts"), {"fields": ("severity", "matchers")}),
            (_("How often"), {"fields": (*MINUTES, "tells_resolved")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: AlertChannel | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return (*self.readonly_fields, "kind") if obj and obj.fingerprint else self.readonly_fields

    @admin.display(description=_("state"), ordering="disabled_at")
    def state_badge(self, channel: AlertChannel) -> SafeString:
        if channel.disabled_at is not None:
            return badge("failed")
        return badge("on" if channel.enabled else "off")

    @admin.display(description=_("state, severity"), ordering="disabled_at")
    def shown_state(self, channel: AlertChannel) -> SafeString | None:
        return stacked(self.state_badge(channel), badge(channel.severity), channel.disabled_reason)

    @admin.display(description=_("kind, target"), ordering="kind")
    def shown_where(self, channel: AlertChannel) -> SafeString | None:
        return stacked(str(channel.get_kind_display()), self.shown_target(channel))

    @admin.display(description=_("present target"))
    def shown_target(self, channel: AlertChannel) -> str:
        address, problem = address_of(channel)
        return problem.text if problem else masked(channel.kind, address.target)

    @admin.display(description=_("present secret"))
    def shown_secret(self, channel: AlertChannel) -> str:
        return gettext("there is one") if channel.secret else gettext("none")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertChannel]:
        sent = Notice.objects.filter(channel=OuterRef("pk"), sent_at__isnull=False).order_by("-sent_at")
        return super().get_queryset(request).annotate(last_sent=Subquery(sent.values("sent_at")[:1]))

    @admin.display(description=_("last sent"))
    def shown_last(self, channel: AlertChannel) -> str | None:
        last = channel.last_sent  # type: ignore[attr-defined]  # annotated
        return stamp(last) if last else None

    @admin.display(description=_("changed"), ordering="changed_at")
    def shown_change(self, channel: AlertChannel) -> SafeString | None:
        return stacked(stamp(channel.changed_at), channel.changed_by)

    # Changes

    def save_model(self, request: HttpRequest, obj: AlertChannel, form: Any, change: bool) -> None:
        now = timezone.now()
        obj.changed_by = fitting(request.user.get_username(), MAX_USERNAME)
        is_corrected = bool(form.cleaned_data.get("new_target") or form.cleaned_data.get("new_secret"))
        if is_corrected and obj.disabled_reason != environment_channels.GONE:
            obj.disabled_at, obj.disabled_reason = None, ""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            former = form.initial.get("name", obj.name)
            if is_corrected or former != obj.name or not obj.enabled:
                ended = channel_failures.SWITCHED_ON if obj.enabled else channel_failures.SWITCHED_OFF
                channel_failures.end(former, now, ended)
            plan_notices(now)
        logger.info("%s saved the alert channel %s: %s", obj.changed_by, obj.name, ", ".join(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: AlertChannel) -> None:
        channel_failures.end(obj.name, timezone.now(), channel_failures.REMOVED)
        logger.info("%s deleted the alert channel %s", request.user.get_username(), obj.name)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        for channel in queryset:
            self.delete_model(request, channel)

    # Actions

    @admin.action(description=_("Send a test to the selected channels"), permissions=["change"])
    def send_a_test(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        for channel, answer, seconds in try_channels(queryset, TEST_SECONDS):
            said = gettext("Test of %(channel)s: %(answer)s (%(time)s)")
            values = {"channel": channel.name, "answer": answer.text, "time": with_unit(f"{seconds:.1f}", "s")}
            self.message_user(request, said % values, messages.SUCCESS if answer.is_sent else messages.ERROR)
            self.log_change(request, channel, f"Sent a test: {answer.text}")

    @admin.action(description=_("Switch the selected channels on again"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        """Also those that a permanent error switched off; what fires is told to them."""
        now = timezone.now()
        with transaction.atomic():
            for channel in queryset:
                AlertChannel.objects.filter(pk=channel.pk).update(enabled=True, disabled_at=None, disabled_reason="")
                channel_failures.end(channel.name, now, channel_failures.SWITCHED_ON)
                self.log_change(request, channel, "Switched on")
            plan_notices(now)
        names = ", ".join(channel.name for channel in queryset)
        logger.info("%s switched on the alert channels %s", request.user.get_username(), names)
        self.message_user(request, gettext("On again: %(channels)s") % {"channels": names}, messages.SUCCESS)
