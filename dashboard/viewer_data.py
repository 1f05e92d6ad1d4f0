"""Guards the data that pages fetch: JSON for people with the permission, and a JSON error for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.access import PERMISSION
from monitoring.seconds import SecondsUnavailableError

View = Callable[[HttpRequest], dict[str, Any]]


class BadQuestionError(ValueError):
    """A question that cannot be answered; the text names the parameter, its value and what is allowed."""


def viewer_data(view: View) -> Callable[[HttpRequest], JsonResponse]:
    """Answers with what the view returns, not cached, or with `{"error": …}`.

    401 if nobody is signed in, 403 without the permission, 400 for a BadQuestionError, 503 if the journal cannot be
    read.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> JsonResponse:
        status, body = _answer(view, request)
        return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})

    return require_safe(answer)


def _answer(view: View, request: HttpRequest) -> tuple[int, dict[str, Any]]:
    if not request.user.is_authenticated:
        return 401, {"error": "You are no longer signed in"}
    if not request.user.has_perm(PERMISSION):
        return 403, {"error": f"This needs the permission {PERMISSION}"}
    try:
        return 200, view(request)
    except BadQuestionError as error:
        return 400, {"error": str(error)}
    except SecondsUnavailableError as error:
        return 503, {"error": str(error)}
