"""Tokens for screens on a wall: made, shown once, and revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from monitoring.access import PERMISSION
from monitoring.admin.cells import UNKNOWN, badge, moment_row, stamp
from monitoring.admin.lists import CheckedQueries
from monitoring.admin.style import style
from monitoring.kiosk_screens import DAYS, MOST_DAYS, create, kiosk_name
from monitoring.models import KioskToken
from monitoring.models.screen_token import LONGEST_KIOSK_NAME
from monitoring.problem_words import problem_words


class KioskTokenForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    name = forms.CharField(
        label=capfirst(gettext_lazy("name")),
        max_length=LONGEST_KIOSK_NAME,
        help_text=gettext_lazy("Where the screen is, such as: office, second floor."),
    )
    days = forms.IntegerField(
        label=capfirst(gettext_lazy("days")),
        min_value=1,
        max_value=MOST_DAYS,
        initial=DAYS,
        help_text=gettext_lazy(
            "After so many days the screen needs another token. Browsers keep no cookie longer than 400."
        ),
    )

    class Meta:
        model = KioskToken
        fields = ("name", "days")

    def clean_name(self) -> str:
        try:
            return kiosk_name(self.cleaned_data["name"])
        except ValueError as error:
            raise forms.ValidationError(problem_words(str(error))) from None


@admin.register(KioskToken)
class KioskTokenAdmin(CheckedQueries, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Who adds a token gives away what `view_live` shows, so they need that permission, too."""

    form = KioskTokenForm
    list_display = (
        "name",
        "state_badge",
        "shown_created",
        "created_by",
        "shown_exchanged",
        "shown_seen",
        "shown_expiry",
    )
    search_fields = ("name", "created_by")
    date_hierarchy = None
    ordering = ("-created_at", "-id")
    actions = ("revoke",)
    show_full_result_count = False
    list_per_page = 60

    @property
    def media(self) -> Media:
        return super().media + style()

    # Who may

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and bool(request.user.has_perm(PERMISSION))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("avatar_monitoring.change_kiosktoken"))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Django has whoever may change rows see them, too.
        return super().has_view_permission(request, obj) or self.has_revoke_permission(request)

    # Making one

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        if obj is None:
            return ("name", "days")
        moments = ("created_at", "exchanged_at", "seen_at", "expires_at", "revoked_at")
        return ("name", "state_badge", "created_by", *map(moment_row, moments), "revoked_by")

    @sensitive_variables("secret")
    def save_model(self, request: HttpRequest, obj: KioskToken, form: Any, change: bool) -> None:  # noqa: ARG002
        row, secret = create(obj.name, request.user.get_username(), form.cleaned_data["days"])
        obj.__dict__.update({name: value for name, value in row.__dict__.items() if name != "_state"})
        obj._state.adding = False
        request.avatar_kiosk_secret = secret  # type: ignore[attr-defined]

    @sensitive_variables("secret", "context")
    def response_add(self, request: HttpRequest, obj: KioskToken, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """The secret is in this answer only: no message, session or address has it."""
        secret = request.avatar_kiosk_secret  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Token for a screen"),
            "opts": self.model._meta,
            "token": secret,
            "row": obj,
            "address": _address(request, secret),
        }
        response = TemplateResponse(request, "admin/avatar_monitoring/kiosk_token_made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    # The list

    @admin.action(description=gettext_lazy("Revoke: the screens show nothing from now on"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[KioskToken]) -> None:
        # An action's rows may be ordered or limited, which an update does not allow.
        chosen = KioskToken.objects.filter(pk__in=list(tokens.values_list("pk", flat=True)))
        for row in chosen.filter(revoked_at=None):
            self.log_change(request, row, "Revoked.")
        revoked = chosen.revoke(request.user.get_username(), timezone.now())
        self.message_user(
            request, ngettext("%(count)d token revoked.", "%(count)d tokens revoked.", revoked) % {"count": revoked}
        )

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, token: KioskToken) -> SafeString:
        return badge(token.state_at(timezone.now()))

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def shown_created(self, token: KioskToken) -> str:
        return stamp(token.created_at)

    @admin.display(description=gettext_lazy("exchanged"), ordering="exchanged_at")
    def shown_exchanged(self, token: KioskToken) -> str:
        return _known(token.exchanged_at)

    @admin.display(description=gettext_lazy("last seen"), ordering="seen_at")
    def shown_seen(self, token: KioskToken) -> str:
        return _known(token.seen_at)

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def shown_expiry(self, token: KioskToken) -> str:
        return stamp(token.expires_at)


def _known(moment: datetime | None) -> str:
    return stamp(moment) if moment else UNKNOWN


def _address(request: HttpRequest, secret: str) -> str:
    """Where the screen starts; empty if the project has no pages."""
    try:
        return f"{request.build_absolute_uri(reverse('avatar_monitoring:kiosk'))}#{secret}"
    except NoReverseMatch:
        return ""
