"""Decides who may open the viewers' WebSocket, and keep it open.

The session is read as it is stored now, so that a sign-out also affects an open WebSocket.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, parse_cookie

from monitoring.access import lacks
from monitoring.core.inputs import UNSTORABLE

NOT_SIGNED_IN, NOT_ALLOWED = 4401, 4403


def refusal(scope: dict[str, Any]) -> int | None:
    """The close code for the person who opened this WebSocket, or None if they may watch. Reads the database."""
    user = user_of(scope)
    if isinstance(user, AnonymousUser):
        return NOT_SIGNED_IN
    return NOT_ALLOWED if lacks(user) else None


def user_of(scope: dict[str, Any]) -> AbstractBaseUser | AnonymousUser:
    """The user of the session that the handshake's cookie names."""
    request = HttpRequest()
    cookies = parse_cookie(dict(scope.get("headers", [])).get(b"cookie", b"").decode("latin-1"))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    # A cookie may contain a NUL, which PostgreSQL would not even compare.
    request.session = store(None if key and UNSTORABLE.search(key) else key)
    return get_user(request)
