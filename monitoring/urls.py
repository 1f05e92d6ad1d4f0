"""The API and `/metrics`; a project includes them at a prefix of its choice."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path
from django.views.generic import RedirectView

from monitoring.api.endpoints import api
from monitoring.exposition.openmetrics import metrics


def unknown(request: HttpRequest, name: str) -> JsonResponse:
    """Answers programs that mistype an address with something they can read."""
    known = sorted(api.get_openapi_schema()["paths"])
    message = f"{request.path} is not an address of the API"
    return JsonResponse({"error": "not_found", "message": message, "value": name, "allowed": known}, status=404)


urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("api/", RedirectView.as_view(pattern_name="monitoring-api:openapi-view"), name="api"),
    path("api/", api.urls),
    re_path(r"^api/(?P<name>.*)$", unknown),
]
