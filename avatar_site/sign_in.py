"""Guards both sign-in pages: five wrong passwords lock a pair of user and address, and one is checked at a time.

Hashing a password takes a core for a third of a second, on purpose: forty at once would block everything else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext

from avatar_site.front.addresses import is_unlimited, source_of

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]

MOST_WAITING, MOST_WAITING_PER_ADDRESS = 16, 4
WAIT_SECONDS = 10.0
CLEAN_SECONDS = 60.0
KNOWN_SALT, KNOWN_SECONDS = "avatar.known_browser", 400 * 86_400
"""Name of the cookie of a browser in which somebody has signed in."""


def source(request: HttpRequest) -> str | None:
    """The unit that wrong passwords are counted for."""
    return source_of(request.META.get("REMOTE_ADDR"))


def locked(request: HttpRequest, *_: object) -> HttpResponse:
    """The answer to someone who is locked out, the same whether or not the user exists."""
    return _later(request, gettext("Too many wrong passwords"), settings.AXES_COOLOFF_TIME.total_seconds())


def _later(request: HttpRequest, title: str, seconds: float) -> HttpResponse:
    context = {"title": title, "minutes": round(seconds / 60), "seconds": round(seconds)}
    response = render(request, "avatar_site/later.html", context, status=429)
    response["Retry-After"] = str(round(seconds))
    response["Cache-Control"] = "no-store"
    # Django's mark for answers that it should not log as well.
    vars(response)["_has_been_logged"] = True
    return response


class Backend(AxesStandaloneBackend):
    """Refuses someone who is locked out. A program of the site itself has no request and is never a guesser."""

    def authenticate(self, request: HttpRequest | None, *args: Any, **credentials: Any) -> None:
        if request is not None:
            super().authenticate(request, *args, **credentials)


class Handler(AxesDatabaseHandler):
    """Logs each wrong password and each lock, and fails no request because the database is busy.

    Someone who tries a few passwords for each of many users locks nobody out, and shows only in lines of the first
    kind.
    """

    _cleaned_at = -CLEAN_SECONDS

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        was_locked = getattr(request, "axes_locked_out", False)
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        except DatabaseError as error:
            logger.warning("Could not count a wrong password: %s", error)
            return
        if was_locked:
            return
        address = getattr(request, "axes_ip_address", None) or "an unknown address"
        if not getattr(request, "axes_locked_out", False):
            # Without the name, which may be a password typed into the wrong field.
            logger.warning("Wrong name or password from %s", address)
        else:
            logger.warning(
                "Sign-in as %.150r from %s is locked for %d minutes after %d wrong passwords",
                credentials.get("username"),
                address,
                settings.AXES_COOLOFF_TIME.total_seconds() // 60,
                settings.AXES_FAILURE_LIMIT,
            )

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        try:
            super().user_logged_in(sender, request, user, **kwargs)
        except DatabaseError as error:
            logger.warning("Could not reset the count of wrong passwords: %s", error)

    def clean_expired_user_attempts(self, request: Any = None, credentials: Any = None) -> int:
        """Not at each sign-in, because it waits for the database's write lock."""
        now = time.monotonic()
        if now - self._cleaned_at < CLEAN_SECONDS:
            return 0
        self._cleaned_at = now
        try:
            return int(super().clean_expired_user_attempts(request, credentials))
        except DatabaseError as error:
            logger.warning("Could not delete old wrong passwords: %s", error)
            return 0


class Turns:
    """One caller at a time; a few more wait for their turn, and only a few of these per address."""

    def __init__(self, seconds: float = WAIT_SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._waiting: Counter[str] = Counter()
        self._count = threading.Lock()

    @contextmanager
    def taken(self, address: str | None, user: str = "") -> Iterator[bool]:
        """Whether it is the caller's turn until the block ends; False if too many wait, or for too long.

        Waiting callers are counted per user if there is one, else per address.
        """
        known = user or is_unlimited(address, settings.AVATAR_TRUSTED_PROXIES)
        key = user if known else source_of(address) or ""
        with self._count:
            may_wait = self._waiting.total() < MOST_WAITING
            may_wait = may_wait and (not key or self._waiting[key] < MOST_WAITING_PER_ADDRESS)
            self._waiting[key] += may_wait
        is_turn = may_wait and self._turn.acquire(timeout=self._seconds)
        try:
            yield is_turn
        finally:
            if is_turn:
                self._turn.release()
            if may_wait:
                with self._count:
                    self._waiting[key] -= 1
                    self._waiting += Counter()  # drops zero entries


turns, turns_of_known = Turns(), Turns()


def one_at_a_time(view: View) -> View:
    """A sign-in page whose POSTs take turns in this process; if too many wait, the caller is told to try again.

    Browsers in which somebody has signed in before have their own queue, so guessing from many addresses at once does
    not keep the administrator out.
    """

    @wraps(view)
    def in_turn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        user = request.get_signed_cookie(settings.KNOWN_COOKIE_NAME, "", salt=KNOWN_SALT, max_age=KNOWN_SECONDS)
        queue = turns_of_known if user else turns
        with queue.taken(request.META.get("REMOTE_ADDR"), user or "") as is_turn:
            if not is_turn:
                return _later(request, gettext("Too many people are signing in"), WAIT_SECONDS)
            response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.FOUND and request.user.is_authenticated:
            _remember(response, str(request.user.pk))
        return response

    return in_turn


def _remember(response: HttpResponseBase, user: str) -> None:
    response.set_signed_cookie(
        settings.KNOWN_COOKIE_NAME,
        user,
        salt=KNOWN_SALT,
        max_age=KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
