"""Guards pages and the data they fetch: who may not see them, or asks for what does not exist, is told so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.periods import UnknownPeriodError
from monitoring.access import PERMISSION
from monitoring.history.seconds import SecondsUnavailableError

View = Callable[..., HttpResponse]
DataView = Callable[[HttpRequest], dict[str, Any]]


def viewer_page(view: View) -> View:
    """A page for signed-in people with the permission; others are told which permission they lack.

    A period that cannot be shown becomes a 400 that names it and what is allowed.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            return render(request, "403.html", {"permission": PERMISSION}, status=403)
        try:
            return view(request, *args, **kwargs)
        except UnknownPeriodError as error:
            return render(request, "400.html", {"reason": str(error), "back": request.path}, status=400)

    return login_required(page)


class BadRequestError(ValueError):
    """A question that cannot be answered; the text names the parameter, its value and what is allowed."""


def viewer_data(view: DataView) -> Callable[[HttpRequest], JsonResponse]:
    """Answers with what the view returns, not cached, or with `{"error": …}`.

    401 if nobody is signed in, 403 without the permission, 400 for a BadRequestError, 503 if the journal cannot be
    read.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> JsonResponse:
        status, body = _answer(view, request)
        return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})

    return require_safe(answer)


def _answer(view: DataView, request: HttpRequest) -> tuple[int, dict[str, Any]]:
    if not request.user.is_authenticated:
        return 401, {"error": "You are no longer signed in"}
    if not request.user.has_perm(PERMISSION):
        return 403, {"error": f"This needs the permission {PERMISSION}"}
    try:
        return 200, view(request)
    except BadRequestError as error:
        return 400, {"error": str(error)}
    except SecondsUnavailableError as error:
        return 503, {"error": str(error)}
