"""The admin action that forgets the clients of the selected sessions: it asks first, and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from monitoring.access import FORGET_PERMISSION
from monitoring.models import ClientSession
from monitoring.models.session_queries import ClientSessionQuerySet
from monitoring.storage.forgetting import Forgotten, forget_client

MOST_CLIENTS = 100
"""Clients of one selection."""


class ForgetsClients:
    """For the admin of sessions; who has the permission `avatar_monitoring.forget_client` may forget what they see."""

    actions: Sequence[Callable[..., Any] | str] | None = ("export_csv", "export_jsonl", "forget_clients")

    def has_forget_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(FORGET_PERMISSION))

    @admin.action(description=_("Forget the clients of the selected sessions"), permissions=["forget"])
    def forget_clients(self, request: HttpRequest, sessions: ClientSessionQuerySet) -> HttpResponse | None:
        """The page between the list and the deletion says what would be deleted."""
        clients = list(
            sessions.order_by("client_id").values_list("client_id", flat=True).distinct()[: MOST_CLIENTS + 1]
        )
        if len(clients) > MOST_CLIENTS:
            told = gettext("Nothing was deleted: these are more than %(most)d clients. Choose fewer sessions.")
            messages.error(request, told % {"most": MOST_CLIENTS})
            return None
        if "confirmed" in request.POST:
            self._forget(request, clients)
            return None
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Forget clients"),
            "opts": ClientSession._meta,
            "clients": [_would_forget(client) for client in clients],
            "selected": request.POST.getlist("_selected_action"),
            "across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/avatar_monitoring/forget.html", context)

    def _forget(self, request: HttpRequest, clients: Sequence[str]) -> None:
        for client in clients:
            found = forget_client(client)
            self._log(request, found)
            told = gettext("%(client)s: deleted %(found)s.") % {"client": client, "found": forgotten(found)}
            messages.success(request, told)
            if still := found.still_open:
                still_open = ngettext(
                    "%(client)s: %(count)d session still open, not deleted.",
                    "%(client)s: %(count)d sessions still open, not deleted.",
                    still,
                )
                messages.warning(request, still_open % {"client": client, "count": still})

    def _log(self, request: HttpRequest, found: Forgotten) -> None:
        """Says who deleted how much, without the name of the client: the log would be one more place that has it."""
        user: Any = request.user.pk
        LogEntry.objects.create(
            user_id=user,
            content_type=ContentType.objects.get_for_model(ClientSession),
            object_repr="a client",
            action_flag=DELETION,
            change_message=f"Forgot a client: deleted {found}.",
        )


def _would_forget(client: str) -> tuple[str, Forgotten, str]:
    found = forget_client(client, dry_run=True)
    return client, found, forgotten(found)


def forgotten(found: Forgotten) -> str:
    """What was deleted, in the reader's language; the log and the command say it in English."""
    parts = [
        ngettext("%(count)d session", "%(count)d sessions", found.sessions) % {"count": found.sessions},
        ngettext("%(count)d alert", "%(count)d alerts", found.alerts) % {"count": found.alerts},
    ]
    mentions = ngettext(
        "%(count)d mention in alerts about many clients",
        "%(count)d mentions in alerts about many clients",
        found.mentions,
    ) % {"count": found.mentions}
    notices = ngettext("%(count)d notice", "%(count)d notices", found.notices) % {"count": found.notices}
    records = ngettext("%(count)d record", "%(count)d records", found.disconnections) % {"count": found.disconnections}
    names = gettext("the name in %(notices)s and %(records)s of disconnections")
    return gettext("%(parts)s, %(mentions)s, and %(names)s") % {
        "parts": ", ".join(parts),
        "mentions": mentions,
        "names": names % {"notices": notices, "records": records},
    }
