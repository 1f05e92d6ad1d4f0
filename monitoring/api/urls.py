"""The API's addresses below `api/`, for people and for programs that mistype one."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path
from django.views.generic import RedirectView

from monitoring.access import unavailable
from monitoring.extras import MissingExtraError, needed


def unknown(request: HttpRequest, name: str) -> JsonResponse:
    """Answers programs that mistype an address with something they can read."""
    known = sorted(api.get_openapi_schema()["paths"])
    message = f"{request.path} is not an address of the API"
    return JsonResponse({"error": "not_found", "message": message, "value": name, "allowed": known}, status=404)


try:
    with needed("ninja"):
        from monitoring.api.endpoints import api
except MissingExtraError as missing:
    nothing = unavailable(missing)
    urlpatterns = [path("", nothing, name="api"), re_path(r"^(?P<name>.*)$", nothing)]
else:
    urlpatterns = [
        path("", RedirectView.as_view(pattern_name="avatar_monitoring:api:openapi-view"), name="api"),
        path("", api.urls),
        re_path(r"^(?P<name>.*)$", unknown),
    ]
