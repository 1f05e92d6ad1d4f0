"""Decides who may open the viewers' WebSocket, and keep it open.

The session is read as it is stored now, so that a sign-out also affects an open WebSocket.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser

from monitoring.access import lacks
from monitoring.session_user import user_of

NOT_SIGNED_IN, NOT_ALLOWED = 4401, 4403


def refusal(scope: dict[str, Any]) -> int | None:
    """The close code for the person who opened this WebSocket, or None if they may watch. Reads the database."""
    user = user_of(scope)
    if isinstance(user, AnonymousUser):
        return NOT_SIGNED_IN
    return NOT_ALLOWED if lacks(user) else None
