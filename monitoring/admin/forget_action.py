"""The admin action that forgets the clients of the selected sessions: it asks first, and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from monitoring.access import FORGET_PERMISSION
from monitoring.core.counted import counted
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

    @admin.action(description="Forget the clients of the selected sessions", permissions=["forget"])
    def forget_clients(self, request: HttpRequest, sessions: ClientSessionQuerySet) -> HttpResponse | None:
        """The page between the list and the deletion says what would be deleted."""
        clients = list(
            sessions.order_by("client_id").values_list("client_id", flat=True).distinct()[: MOST_CLIENTS + 1]
        )
        if len(clients) > MOST_CLIENTS:
            told = f"Nothing was deleted: these are more than {MOST_CLIENTS} clients. Choose fewer sessions."
            messages.error(request, told)
            return None
        if "confirmed" in request.POST:
            self._forget(request, clients)
            return None
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": "Forget clients",
            "opts": ClientSession._meta,
            "clients": [(client, forget_client(client, dry_run=True)) for client in clients],
            "selected": request.POST.getlist("_selected_action"),
            "across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/avatar_monitoring/forget.html", context)

    def _forget(self, request: HttpRequest, clients: Sequence[str]) -> None:
        for client in clients:
            found = forget_client(client)
            self._log(request, found)
            messages.success(request, f"{client}: deleted {found}.")
            if found.still_open:
                messages.warning(request, f"{client}: {counted(found.still_open, 'session')} still open, not deleted.")

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
