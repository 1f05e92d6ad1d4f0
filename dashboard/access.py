"""Who may watch."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from monitoring.core.connection import Scope

PERMISSION = "monitoring.view_live"
NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403


def refusal(scope: Scope) -> int | None:
    """The code to close a viewer's WebSocket with, None when its signed-in user may watch.

    Reads the session and the user anew, so that asking again notices a sign-out or a permission taken away. It uses
    the database: call it in a thread.
    """
    headers = dict(scope.get("headers", ()))
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not user.is_authenticated:
        return NOT_SIGNED_IN
    return None if user.has_perm(PERMISSION) else NOT_ALLOWED
