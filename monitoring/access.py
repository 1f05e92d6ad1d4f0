"""Who may use the API and `/metrics`, and how often: a token's holder, or a signed-in person with the permission."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial, wraps
from hmac import compare_digest
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware

from monitoring import conf
from monitoring.core.wire.token_bucket import TokenBucket
from monitoring.kiosk_screens import screen_of_request
from monitoring.sign_in_page import redirect_to_sign_in

PERMISSION = "avatar_monitoring.view_live"
"""Whoever has it may watch: on the pages, over the viewers' WebSocket and through the API."""

ANSWER_PERMISSION = "avatar_monitoring.answer_alert"
"""Whoever has it may acknowledge, comment, silence and resolve alerts."""

DISCONNECT_PERMISSION = "avatar_monitoring.disconnect_client"
"""Whoever has it may disconnect clients."""

FORGET_PERMISSION = "avatar_monitoring.forget_client"
"""Whoever has it may delete what is stored about a client or a user."""

REQUESTS_PER_SECOND, REQUESTS_AT_ONCE = 10.0, 30.0
MOST_CALLERS = 1_000
SCHEME = "Bearer"

View = Callable[..., HttpResponse]
Caller = Callable[[HttpRequest], str | None]


def signed_in(request: HttpRequest) -> Any:
    """The signed-in user; None if there is none, or if the project has no middleware that would tell."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def lacks(user: Any, permission: str = PERMISSION) -> str | None:
    """Why a signed-in user may not watch, or do what the permission is for, as a sentence; None if they may."""
    if not hasattr(user, "has_perm"):
        return (
            f"The user model {user._meta.label} has no permissions: give it django.contrib.auth.models.PermissionsMixin"
        )
    return None if user.has_perm(permission) else f"This needs the permission {permission}"


def why_not_watch(request: HttpRequest, user: Any) -> str | None:
    """Why whoever sent a request may not watch, as a sentence; None for users with the permission, and for screens."""
    reason = "Nobody is signed in" if user is None else lacks(user)
    return None if reason is None or screen_of_request(request) else reason


class Refused(Exception):  # noqa: N818  (a refusal is no error of ours)
    """The error for a caller who gets no answer: an HTTP status, a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": code, "message": message, **details}

    @property
    def headers(self) -> dict[str, str]:
        # The bucket regains a token after a tenth of a second; the header cannot express less than a second.
        return {401: {"WWW-Authenticate": SCHEME}, 429: {"Retry-After": "1"}}.get(self.status, {})

    def response(self) -> JsonResponse:
        return JsonResponse(self.body, status=self.status, headers={"Cache-Control": "no-store", **self.headers})


class Limiter:
    """Ten requests a second per caller, thirty at once; per process, of which a fleet has several."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        # Requests run in threads.
        self._lock = threading.Lock()

    def check(self, caller: str) -> None:
        """Raises Refused with 429 if this request is one too many."""
        with self._lock:
            bucket = self._buckets.pop(caller, None) or TokenBucket(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE)
            self._buckets[caller] = bucket
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
            if bucket.take():
                return
        raise Refused(
            429,
            "too_many_requests",
            f"at most {REQUESTS_PER_SECOND:.0f} requests a second and {REQUESTS_AT_ONCE:.0f} at once are allowed",
        )


limiter = Limiter()


class CsrfCheck(CsrfViewMiddleware):
    """Django's own check, which says what is wrong instead of showing a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002
        return reason


def admit(request: HttpRequest) -> str:
    """The caller, as a name that does not reveal the token.

    Raises Refused: 401 for nobody or a wrong token, 403 without the permission, 429 for too many requests. A token
    takes precedence over a signed-in user.
    """
    return _admitted(request, by_token, by_session)


def admit_operator(request: HttpRequest, permission: str = ANSWER_PERMISSION) -> str:
    """The caller who may do what the permission is for, by default answer alerts, as the log of it names them: a
    username, or "token" and 12 hex digits.

    Raises Refused as `admit` does: 403 also for a token that may only read, and for a session's request without the
    CSRF token of its pages.
    """
    return _admitted(request, by_operator_token, partial(by_operator_session, permission=permission))


def _admitted(request: HttpRequest, token: Caller, session: Caller) -> str:
    try:
        caller = token(request) or session(request) or ""
    except Refused:
        # Guessing is limited too: by address, which behind a proxy is the proxy's, so all guessers share a limit.
        limiter.check(f"address {request.META.get('REMOTE_ADDR', '')}")
        raise
    limiter.check(caller)
    return caller


def by_token(request: HttpRequest) -> str | None:
    """The holder of the request's token; None if it has none. Raises Refused for a wrong one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME.lower():
        return None
    given = token.strip().encode()
    settings = conf.current()
    if not _is_among(given, settings.api_tokens + settings.operator_tokens):
        raise Refused(401, "unknown_token", "This token is neither in AVATAR_API_TOKENS nor in AVATAR_OPERATOR_TOKENS")
    return f"token {hashlib.sha256(given).hexdigest()[:12]}"


def by_operator_token(request: HttpRequest) -> str | None:
    """The holder of a token that may answer alerts; None if the request has none. Raises Refused for any other."""
    caller = by_token(request)
    if caller is None:
        return None
    given = request.headers["Authorization"].partition(" ")[2].strip().encode()
    if not _is_among(given, conf.current().operator_tokens):
        raise Refused(
            403, "not_allowed", "This token may only read: those that may also write are AVATAR_OPERATOR_TOKENS"
        )
    return caller


def _is_among(given: bytes, tokens: Iterable[str]) -> bool:
    # All are compared, so that the time this takes reveals nothing about them.
    return bool(sum(compare_digest(given, known.encode()) for known in tokens))


def by_session(request: HttpRequest) -> str:
    """The signed-in user, or the screen. Raises Refused if nobody is signed in, or without the permission."""
    user = signed_in(request)
    reason = why_not_watch(request, user)
    if reason is None:
        screen = screen_of_request(request) if user is None else None
        return f"screen {screen.pk}" if screen else f"user {user.pk}"
    if user is None:
        raise Refused(401, "not_signed_in", "Sign in, or send the header Authorization: Bearer TOKEN")
    raise Refused(403, "not_allowed", reason)


def by_operator_session(request: HttpRequest, permission: str = ANSWER_PERMISSION) -> str:
    """The signed-in user's name. Raises Refused if nobody is signed in, without the permission or the CSRF token."""
    user = signed_in(request)
    if user is None:
        raise Refused(401, "not_signed_in", "Sign in, or send the header Authorization: Bearer TOKEN")
    if reason := lacks(user, permission):
        raise Refused(403, "not_allowed", reason)
    check_csrf(request)
    return str(user.get_username())


def _no_view(_request: HttpRequest) -> HttpResponse:
    """For Django's check, which asks whether a view is exempt."""
    return HttpResponse()


def check_csrf(request: HttpRequest) -> None:
    """Raises Refused for a request that another site's page may have sent in the user's name."""
    check = CsrfCheck(lambda _: HttpResponse())
    # The middleware has passed this request on, because views of the API are exempt.
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    check.process_request(request)
    if reason := check.process_view(request, _no_view, (), {}):
        raise Refused(403, "csrf_failed", f"{reason} Send the CSRF token in the header X-CSRFToken")


def guarded(view: View) -> View:
    """A view for admitted callers; refusals are answered as JSON.

    A browser without a signed-in user is sent to the sign-in page, if the project has one.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            admit(request)
            return view(request, *args, **kwargs)
        except Refused as refused:
            is_page = refused.body["error"] == "not_signed_in" and "text/html" in request.headers.get("Accept", "")
            return (redirect_to_sign_in(request) if is_page else None) or refused.response()

    # A token's holder need not sign in, whatever the project's LoginRequiredMiddleware asks of its own pages.
    return login_not_required(answer)


def unavailable(reason: ImportError) -> View:
    """A view in the place of those that need a library that is not installed."""
    message = str(reason)

    def answer(_request: HttpRequest, **_: object) -> HttpResponse:
        response = Refused(501, "not_installed", message).response()
        # Django would log it as an error of the server, and send it to ADMINS each time that a program asks.
        setattr(response, "_has_been_logged", True)  # noqa: B010  (its types do not know it)
        return response

    return login_not_required(answer)
