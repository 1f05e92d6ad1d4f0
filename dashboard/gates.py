"""Guards pages and the data they fetch: who may not see them, or asks for what does not exist, is told so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from dashboard.kiosk_mode import BadKioskError, kiosk_mode, shown_mode
from dashboard.languages import gettext
from dashboard.periods import UnknownPeriodError
from dashboard.problem_texts import problem_text, refusal_text
from dashboard.rendering import render_page
from monitoring.access import PERMISSION, signed_in, why_not_watch
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.sign_in_page import redirect_to_sign_in

View = Callable[..., HttpResponseBase]
DataView = Callable[..., dict[str, Any]]


def viewer_page(view: View) -> View:
    """A page for signed-in people with the permission; others are told which permission they lack.

    A period that cannot be shown becomes a 400 that names it and what is allowed.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = signed_in(request)
        if reason := why_not_watch(request, user):
            return _turned_away(request, reason, user)
        try:
            kiosk_mode(request)
            return view(request, *args, **kwargs)
        except (UnknownPeriodError, BadKioskError) as error:
            return bad_request(request, str(error), request.path)

    # The form that signs out needs the cookie, also in a project without the middleware that sets it.
    return login_not_required(csrf_protect(page))


def history_page(view: View) -> View:
    """A page of stored data. What is stored has times in UTC, which a project with USE_TZ = False cannot read."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.USE_TZ:
            return render_page(request, "avatar_monitoring/needs_time_zones.html", {}, status=503)
        return view(request, *args, **kwargs)

    return viewer_page(page)


def _turned_away(request: HttpRequest, reason: str, user: Any) -> HttpResponse:
    if user is not None:
        return forbidden(request, refusal_text(reason))
    if shown_mode(request):
        # A screen that was sent to a page where nobody signs in would never come back.
        return render_page(request, "avatar_monitoring/kiosk_signed_out.html", {}, status=401)
    return redirect_to_sign_in(request) or nobody_can_sign_in(request)


def nobody_can_sign_in(request: HttpRequest) -> HttpResponse:
    """401, with what the project has to set."""
    context = {"login_url_setting": settings.LOGIN_URL, "knows_users": hasattr(request, "user")}
    return render_page(request, "avatar_monitoring/no_sign_in.html", context, status=401)


def forbidden(request: HttpRequest, reason: str) -> HttpResponse:
    context = {"permission": PERMISSION if hasattr(request.user, "has_perm") else "", "reason": reason}
    return render_page(request, "avatar_monitoring/forbidden.html", context, status=403)


def bad_request(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    context = {"reason": problem_text(reason), "back": back}
    return render_page(request, "avatar_monitoring/bad_request.html", context, status=400)


class BadRequestError(ValueError):
    """A question that cannot be answered; the text names the parameter, its value and what is allowed."""


def viewer_data(view: DataView) -> Callable[..., JsonResponse]:
    """Answers with what the view returns, not cached, or with `{"error": …}`.

    401 if nobody is signed in, 403 without the permission, 400 for a BadRequestError, 503 if the journal cannot be
    read.
    """

    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> JsonResponse:
        status, body = _answer(view, request, named)
        return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})

    return login_not_required(require_safe(answer))


def _answer(view: DataView, request: HttpRequest, named: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    user = signed_in(request)
    if reason := why_not_watch(request, user):
        if user is None:
            return 401, {"error": gettext("You are no longer signed in")}
        return 403, {"error": refusal_text(reason)}
    if not settings.USE_TZ:
        return 503, {"error": gettext("History needs the setting USE_TZ = True")}
    try:
        return 200, view(request, **named)
    except BadRequestError as error:
        return 400, {"error": problem_text(str(error))}
    except SecondsUnavailableError as error:
        return 503, {"error": problem_text(str(error))}
