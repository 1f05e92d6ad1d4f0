"""The API's addresses below `api/`, for programs, and for programs that mistype one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from monitoring.access import unavailable
from monitoring.extras import MissingExtraError, needed


@login_not_required
def unknown(request: HttpRequest, name: str) -> JsonResponse:
    """Answers programs that mistype an address with something they can read."""
    known = sorted(api.get_openapi_schema()["paths"])
    message = f"{request.path} is not an address of the API"
    return JsonResponse({"error": "not_found", "message": message, "value": name, "allowed": known}, status=404)


urlpatterns: list[URLPattern | URLResolver]
try:
    with needed("ninja"):
        from monitoring.api.endpoints import api
except MissingExtraError as missing:
    nothing = unavailable(missing)
    urlpatterns = [path("", nothing, name="api"), re_path(r"^(?P<name>.*)$", nothing)]
else:
    endpoints = api.urls
    for one in endpoints[0]:
        # Each checks tokens and permissions itself: a project's LoginRequiredMiddleware would turn tokens away.
        login_not_required(one.callback)  # type: ignore[type-var]  # an address of the API has a view
    urlpatterns = [
        path("", login_not_required(RedirectView.as_view(pattern_name="avatar_monitoring:api-docs")), name="api"),
        path("", endpoints),
        re_path(r"^(?P<name>.*)$", unknown),
    ]
