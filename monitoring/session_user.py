"""The user of Django's session that a WebSocket's handshake names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from monitoring.core.client_names import Client, is_id, normal
from monitoring.core.inputs import UNSTORABLE
from monitoring.core.monitored import given_client_id

if TYPE_CHECKING:
    # An asgi.py may import `django_user` before it sets Django up.
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


async def django_user(scope: dict[str, Any]) -> Client | None:
    """For `monitored(application, identify=django_user)`: clients of signed-in people are called by their usernames.

    A client that gives `?client_id=` keeps that id, and so does one whose user's name cannot be an id; it still has its
    user. It is None for others. Reads the session and the user, beside the application.
    """
    if not session_key(scope):
        return None
    user = await database_sync_to_async(user_of)(scope)
    if not user.is_authenticated:
        return None
    name = normal(user.get_username())
    return Client(id=name if is_id(name) and not given_client_id(scope) else None, user=name)


class ReadSession(dict[str, Any]):
    """What is stored in a session, for `get_user`, which would end or rename a session that is signed by another key.

    A WebSocket cannot give the browser the new cookie, so the person would be signed out of the project.
    """

    def flush(self) -> None:
        """The session stays as it is: the next request decides."""

    def cycle_key(self) -> None:
        """The session keeps its key."""


def user_of(scope: dict[str, Any]) -> AbstractBaseUser | AnonymousUser:
    """The user of the session that the handshake's cookie names, as it is stored now. Reads the database."""
    request = HttpRequest()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    key = session_key(scope)
    # A cookie may contain a NUL, which PostgreSQL would not even compare.
    stored = store(None if key and UNSTORABLE.search(key) else key)
    request.session = ReadSession(stored.items())  # type: ignore[assignment]  # all that get_user asks of a session
    return get_user(request)


def session_key(scope: Mapping[str, Any]) -> str | None:
    """The key of the session that the handshake's cookies name; HTTP/2 may split them into several headers."""
    cookies = b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie")
    return parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
