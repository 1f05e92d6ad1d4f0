"""Screens on a wall, which watch without a signed-in user: a token is made, exchanged once for a cookie, and revoked.

The cookie lets one browser read what the permission `avatar_monitoring.view_live` shows. It is no session, and no user:
nothing can be changed with it. A request without such a cookie costs nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase, parse_cookie
from django.utils import timezone
from django.utils.translation import gettext_noop

from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core.inputs import echo, plain_text, whole_number
from monitoring.models.screen_token import LONGEST_KIOSK_NAME, KioskToken

COOKIE_PREFIX = "avatar_kiosk_"
"""Each cookie has a name of its own, because sites on other ports of a host get each other's cookies."""

MOST_COOKIES = 32
"""The newest: browsers send those first that they have had longest, and keep those of revoked tokens."""

LONGEST_VALUE = 200
DAYS, MOST_DAYS = 365, 400
"""Browsers keep no cookie for longer than 400 days."""

SECRET_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)
SAFE_METHODS = ("GET", "HEAD")
UNASKED: Any = object()
REASONS = {
    "in use": gettext_noop("This token has been used already: each works once. Make a new one."),
    "revoked": gettext_noop("This token was revoked. Make a new one."),
    "expired": gettext_noop("This token has expired. Make a new one."),
    "not used in time": gettext_noop("This token was not used within 24 hours. Make a new one."),
}


class ExchangeError(Exception):
    """A token that nobody can exchange; the text says why, without the token."""


@dataclass(frozen=True, slots=True)
class ScreenCookie:
    name: str
    value: str
    expires_at: datetime

    def set_on(self, response: HttpResponseBase, path: str, *, secure: bool) -> None:
        """`path` is where the pages begin; whatever else is on this host does not get the cookie."""
        left = int((self.expires_at - timezone.now()).total_seconds())
        response.set_cookie(
            self.name, self.value, max_age=left, path=path, secure=secure, httponly=True, samesite="Lax"
        )


def create(name: str, by: str, days: object = DAYS) -> tuple[KioskToken, str]:
    """The stored token and its secret, which is known only now. Raises ValueError that names what is wrong."""
    now, secret = timezone.now(), secrets.token_urlsafe(SECRET_BYTES)
    row = KioskToken.objects.create(
        name=kiosk_name(name),
        digest=digest_of(secret),
        created_by=fitting(by, MAX_USERNAME),
        created_at=now,
        expires_at=now + timedelta(days=kiosk_days(days)),
    )
    return row, secret


def kiosk_name(text: str) -> str:
    """Raises ValueError for a name that no token can have."""
    name = " ".join(text.split())
    if not name:
        raise ValueError(f"name={echo(text)}: must say where the screen is")
    try:
        return plain_text(name, LONGEST_KIOSK_NAME)
    except ValueError as error:
        raise ValueError(f"name={echo(text)}: must be {error}") from None


def kiosk_days(days: object) -> int:
    """Raises ValueError for a time that no cookie lasts."""
    try:
        return whole_number(str(days), 1, MOST_DAYS)
    except ValueError:
        raise ValueError(f"days={echo(str(days))}: must be a whole number of days, 1 to {MOST_DAYS}") from None


def exchange(secret: str) -> ScreenCookie:
    """The cookie for a token that was not exchanged before. Raises ExchangeError for any other."""
    now, digest = timezone.now(), digest_of(secret)
    value = secrets.token_urlsafe(SECRET_BYTES)
    mine = {"exchanged_at": now, "cookie_digest": digest_of(value), "seen_at": now}
    # One statement, so that of two browsers with the same token only one gets the cookie.
    if KioskToken.objects.to_exchange(digest, now).update(**mine) != 1:
        raise ExchangeError(_why_not(KioskToken.objects.filter(digest=digest).first(), now))
    row = KioskToken.objects.get(digest=digest)
    return ScreenCookie(COOKIE_PREFIX + secrets.token_hex(4), value, row.expires_at)


def _why_not(row: KioskToken | None, now: datetime) -> str:
    """What a stranger may know: whoever holds the token may know its state, and nobody else learns anything."""
    state = row.state_at(now) if row else "unknown"
    return REASONS.get(state, gettext_noop("There is no such token. Was the whole address copied?"))


def screen_of(cookies: Mapping[str, str]) -> KioskToken | None:
    """The token of the screen that sent these cookies, if it may watch.

    Reads the database only if there is such a cookie.
    """
    named = [value for name, value in cookies.items() if name.startswith(COOKIE_PREFIX)]
    digests = [digest_of(value) for value in named[-MOST_COOKIES:] if 0 < len(value) <= LONGEST_VALUE]
    if not digests:
        return None
    now = timezone.now()
    row = KioskToken.objects.shown_on(digests, now).first()
    if row is not None and (row.seen_at is None or row.seen_at <= now - SEEN_EVERY):
        KioskToken.objects.filter(pk=row.pk).update(seen_at=now)
    return row


def screen_of_request(request: HttpRequest) -> KioskToken | None:
    """The same for a request, which is asked once. A screen only reads."""
    if request.method not in SAFE_METHODS:
        return None
    found = getattr(request, "avatar_kiosk_screen", UNASKED)
    if found is UNASKED:
        found = screen_of(request.COOKIES)
        request.avatar_kiosk_screen = found  # type: ignore[attr-defined]
    return found


def kiosk_cookies(scope: Mapping[str, Any]) -> dict[str, str]:
    """The cookies of screens that a handshake has."""
    sent = b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie").decode("latin-1")
    if COOKIE_PREFIX not in sent:
        return {}
    return {name: value for name, value in parse_cookie(sent).items() if name.startswith(COOKIE_PREFIX)}


def digest_of(secret: str) -> str:
    # Secrets have 256 random bits, so that no slower digest is needed.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
