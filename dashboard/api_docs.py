"""The page that describes the API. It is a page like the others: it needs no other site, and no app but this one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.api_reference import objects, operations
from dashboard.gates import viewer_page
from dashboard.rendering import render_page
from monitoring.access import guarded
from monitoring.extras import MissingExtraError, needed


@require_safe
def api_docs(request: HttpRequest) -> HttpResponseBase:
    """For people with the permission; a program, which does not ask for HTML, may also come with a token."""
    page = for_people if "text/html" in request.headers.get("Accept", "") else for_programs
    return page(request)


def described(request: HttpRequest) -> HttpResponse:
    try:
        with needed("ninja"):
            from monitoring.api.endpoints import api
    except MissingExtraError as missing:
        return render_page(request, "avatar_monitoring/api_not_installed.html", {"nav": "api", "missing": missing})
    schema = api.get_openapi_schema()
    context = {
        "nav": "api",
        "about": schema["info"],
        "operations": operations(schema, request.build_absolute_uri("/").rstrip("/")),
        "objects": objects(schema),
        "schema_url": reverse("avatar_monitoring:api:openapi-json"),
        "metrics_url": request.build_absolute_uri(reverse("avatar_monitoring:metrics")),
    }
    return render_page(request, "avatar_monitoring/api.html", context)


for_people = viewer_page(described)
for_programs = guarded(described)
login_not_required(api_docs)
