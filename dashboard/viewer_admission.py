"""Decides who may open the viewers' WebSocket, and keep it open.

The session is read as it is stored now, so that a sign-out also affects an open WebSocket.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser

from monitoring.access import lacks
from monitoring.core.address_masks import Mask
from monitoring.kiosk_screens import kiosk_cookies, screen_of
from monitoring.session_user import user_of
from monitoring.shown_addresses import address_mask

NOT_SIGNED_IN, NOT_ALLOWED = 4401, 4403
RECHECK_SECONDS = 60.0
SCREEN_RECHECK_SECONDS = 3.0
"""Nobody stands at a screen to sign out, so that revoking its token has to end what it shows."""


class ViewerAdmission(NamedTuple):
    """Whether somebody may watch, and what they see of clients' addresses."""

    code: int | None
    """The close code for whoever may not watch; None for those who may."""
    address_mask: Mask


def admission(scope: dict[str, Any]) -> ViewerAdmission:
    """That of the person who opened this WebSocket. Reads the database."""
    user = user_of(scope)
    code = NOT_SIGNED_IN if isinstance(user, AnonymousUser) else NOT_ALLOWED if lacks(user) else None
    return ViewerAdmission(None if code is None or screen_of(kiosk_cookies(scope)) else code, address_mask(user))


def recheck_seconds(scope: dict[str, Any]) -> float:
    """How long an open WebSocket goes on before it is decided again."""
    return SCREEN_RECHECK_SECONDS if kiosk_cookies(scope) else RECHECK_SECONDS
