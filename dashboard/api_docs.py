"""The page that describes the API. It is a page like the others: it needs no other site, and no app but this one."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dashboard.api_calls import LANGUAGES
from dashboard.api_errors import REFUSALS
from dashboard.api_reference import Operation, objects, operations
from dashboard.gates import viewer_page
from dashboard.rendering import render_page
from monitoring.access import guarded
from monitoring.extras import MissingExtraError, needed

HEADINGS: dict[str, str | Promise] = {
    "live": gettext_lazy("Now"),
    "stored": gettext_lazy("Stored"),
    "alerts": gettext_lazy("Alerts, silences and rules"),
}
"""What the API's tags are called on the page."""


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
    described_operations = operations(schema, request.build_absolute_uri("/").rstrip("/"))
    context = {
        "nav": "api",
        "about": schema["info"],
        "operations": described_operations,
        "groups": by_tag(described_operations),
        "refusals": REFUSALS,
        "languages": list(LANGUAGES),
        "objects": objects(schema),
        "schema_url": reverse("avatar_monitoring:api:openapi-json"),
        "metrics_url": request.build_absolute_uri(reverse("avatar_monitoring:metrics")),
    }
    return render_page(request, "avatar_monitoring/api.html", context)


def by_tag(operations: Iterable[Operation]) -> dict[str | Promise, list[Operation]]:
    """The operations under the headings of the table of contents; a tag without a heading is its own."""
    groups: dict[str | Promise, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(HEADINGS.get(operation.tag, operation.tag), []).append(operation)
    return groups


for_people = viewer_page(described)
for_programs = guarded(described)
login_not_required(api_docs)
