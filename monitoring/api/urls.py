"""The API's addresses below `api/`, for programs, and for programs that mistype one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path
from django.views.generic import RedirectView

from monitoring.extras import api_or_none, not_there


@login_not_required
def unknown(request: HttpRequest, name: str) -> JsonResponse:
    """Answers programs that mistype an address with something they can read."""
    known = sorted(api_or_none().get_openapi_schema()["paths"])
    message = f"{request.path} is not an address of the API"
    return JsonResponse({"error": "not_found", "message": message, "value": name, "allowed": known}, status=404)


def endpoints() -> list[Any]:
    """The API, or without django-ninja one address that says so."""
    api = api_or_none()
    if api is None:
        return [re_path(r"", not_there)]
    found = api.urls
    for one in found[0]:
        # Each checks tokens and permissions itself: a project's LoginRequiredMiddleware would turn tokens away.
        login_not_required(one.callback)
    return [path("", found), re_path(r"^(?P<name>.*)$", unknown)]


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="avatar_monitoring:api-docs"), name="api"),
    *endpoints(),
]
