"""What was sent to whom and what was answered: a list of its own, and a table at each alert."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from monitoring.admin.cells import UNKNOWN, badge, stacked, stamp
from monitoring.admin.lists import FACTS, FactAdmin
from monitoring.models import Notice, NoticeAlert
from monitoring.row_words import word
from monitoring.unit_texts import with_unit


def state_of(notice: Notice) -> str:
    if notice.sent_at is not None:
        return "sent"
    return "waiting" if notice.given_up_at is None else "given up"


@admin.register(Notice)
class NoticeAdmin(FactAdmin):
    list_display = ("shown_time", "shown_channel", "title", "shown_state")
    list_display_links = ("title",)
    list_filter = ("kind", "channel")
    list_select_related = ("channel",)
    search_fields = ("group",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    exclude = ("content", "answers", "alerts")
    readonly_fields = ("title", "text", "shown_answers")

    @admin.display(description=_("time"), ordering="created_at")
    def shown_time(self, notice: Notice) -> str:
        return stamp(notice.created_at)

    @admin.display(description=_("channel, kind"), ordering="channel__name")
    def shown_channel(self, notice: Notice) -> SafeString | None:
        return stacked(format_html("<bdi>{}</bdi>", notice.channel.name), str(notice.get_kind_display()))

    @admin.display(description=_("state, attempts, last answer"), ordering="sent_at")
    def shown_state(self, notice: Notice) -> SafeString | None:
        tried = ngettext("%(count)s attempt", "%(count)s attempts", notice.attempts) % {"count": notice.attempts}
        sent = stamp(notice.sent_at) if notice.sent_at else None
        return stacked(badge(state_of(notice)), sent, tried, notice.last_answer)

    @admin.display(description=_("title"))
    def title(self, notice: Notice) -> str:
        return str(notice.content.get("title", UNKNOWN))

    @admin.display(description=_("text"))
    def text(self, notice: Notice) -> SafeString:
        return format_html_join("", "{}<br>", ((line,) for line in str(notice.content.get("text", "")).splitlines()))

    @admin.display(description=_("attempts and answers"))
    def shown_answers(self, notice: Notice) -> SafeString | str:
        lines = (
            (stamp(datetime.fromisoformat(one["at"])), one["text"], with_unit(str(one.get("seconds", UNKNOWN)), "s"))
            for one in notice.answers
        )
        return format_html_join("", "{}: {} ({})<br>", lines) or UNKNOWN


class NoticesOfAlert(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    """At an alert's page: who was told what about it, and what was answered."""

    model = NoticeAlert
    template = FACTS
    verbose_name_plural = _("notices")
    fields = readonly_fields = ("time", "channel", "kind", "state", "sent", "answer")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoticeAlert]:
        found: QuerySet[NoticeAlert] = super().get_queryset(request)
        return found.select_related("notice__channel").order_by("-notice__created_at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        # Whoever may see the alert may see who was told about it.
        return bool(request.user.has_perm("avatar_monitoring.view_alert"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @admin.display(description=_("time"))
    def time(self, mention: NoticeAlert) -> str:
        return stamp(mention.notice.created_at)

    @admin.display(description=_("channel"))
    def channel(self, mention: NoticeAlert) -> SafeString:
        return format_html("<bdi>{}</bdi>", mention.notice.channel.name)

    @admin.display(description=_("kind"))
    def kind(self, mention: NoticeAlert) -> str:
        return word(mention.notice.kind)

    @admin.display(description=_("the alert was"))
    def state(self, mention: NoticeAlert) -> SafeString:
        return badge(mention.state)

    @admin.display(description=_("sent"))
    def sent(self, mention: NoticeAlert) -> str:
        notice = mention.notice
        return stamp(notice.sent_at) if notice.sent_at else word(state_of(notice))

    @admin.display(description=_("answer"))
    def answer(self, mention: NoticeAlert) -> str:
        return mention.notice.last_answer or UNKNOWN
