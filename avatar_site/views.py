"""The avatar page, the reference client of the avatar protocol, and the command that connects simulated avatars."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from avatar_site.admission import ticket_for
from avatar_site.expressions import EXPRESSIONS
from avatar_site.texts import avatar_texts_url
from dashboard.languages import page_language
from dashboard.rendering import render_page
from monitoring.command_lines import manage

WEBSOCKET_PATH = "ws/avatar/"
MAX_ID_LENGTH = 64
NOT_ALLOWED_IN_ID = re.compile(r"[^A-Za-z0-9._:-]+")
SIMULATED = 25


def avatar(request: HttpRequest) -> HttpResponse:
    """Open to anybody, or with AVATAR_AUTH=ticket to signed-in users, under their own names."""
    config: dict[str, Any] = {"ws_path": websocket_path(), "client_id": None, "ticket": None, "ticket_url": None}
    if settings.AVATAR_AUTH == "ticket":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        config |= ticket_of(request) | {"ticket_url": reverse("avatar-ticket")}
    context = {
        "nav": "avatar",
        "config": config,
        "expressions": EXPRESSIONS,
        "avatar_texts_url": avatar_texts_url(page_language()),
    }
    return render_page(request, "avatar_site/avatar.html", context)


@login_required
def avatar_ticket(request: HttpRequest) -> JsonResponse:
    """A fresh ticket: it is valid for a minute, and a page that reconnects later needs another."""
    return JsonResponse(ticket_of(request))


def ticket_of(request: HttpRequest) -> dict[str, str]:
    """A ticket for the signed-in user, valid as long as they are signed in."""
    user = request.user
    assert isinstance(user, AbstractBaseUser)
    client_id = client_id_of(user)
    return {"client_id": client_id, "ticket": ticket_for(client_id, user.pk, request.session.session_key)}


def client_id_of(user: AbstractBaseUser) -> str:
    """The user's name in the form that the avatar protocol allows.

    A name that has to be changed gets the user's number, so that two users stay distinct.
    """
    username = user.get_username()
    allowed = NOT_ALLOWED_IN_ID.sub("-", username)[:MAX_ID_LENGTH]
    if allowed == username:
        return username
    suffix = f":{user.pk}"
    return allowed[: MAX_ID_LENGTH - len(suffix)] + suffix


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Keeps the chosen language in a cookie, and goes back to the page, with what its scripts have made of its address.

    The form's field `next` is where a browser goes that does not say which page it comes from.
    """
    came_from = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        fields = request.POST.copy()
        fields["next"] = came_from
        request.POST = fields  # type: ignore[assignment]  # what it was, with another value
    return set_language(request)


def simulate_command(request: HttpRequest) -> str:
    scheme = "wss" if request.is_secure() else "ws"
    return manage(
        "simulate_avatars", "--count", str(SIMULATED), "--url", f"{scheme}://{request.get_host()}{websocket_path()}"
    )


def websocket_path() -> str:
    """Below the prefix at which a proxy or `--root-path` has the site."""
    return get_script_prefix() + WEBSOCKET_PATH
