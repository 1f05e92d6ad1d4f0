"""Middleware: probes by address, text that no database stores, and pages while the database is away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from monitoring.core.inputs import UNSTORABLE, echo
from monitoring.unmigrated import lacks_tables, reason

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
PROBES_ALONE = [r"^(healthz|readyz|metrics)$"]
"""In the same form as Django's list of addresses that are not redirected to HTTPS."""
GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)
RETRY_SECONDS = 5
SCREEN_RETRY_SECONDS = 30


class CommonMiddlewareButProbes(CommonMiddleware):
    """Django's own middleware, which refuses hosts that are not allowed; probes are exempt."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path_info in PROBES else super().process_request(request)


class RefuseUnstorable:
    """Answers 400 for a NUL in a cookie or in a query of Django's admin: PostgreSQL would refuse to compare it.

    The site's own pages and its API check their parameters themselves, and forms check their fields.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for what, text in _texts(request):
            if UNSTORABLE.search(text):
                reason = f"{what}={echo(text)}: must be text without NUL"
                return render(request, "400.html", {"reason": reason}, status=400)
        return self._get_response(request)


def _texts(request: HttpRequest) -> Iterator[tuple[str, str]]:
    yield from ((f"cookie {echo(name)}", value) for name, value in request.COOKIES.items())
    if request.path.startswith(reverse("admin:index")):
        yield "path", request.path
        for name, values in request.GET.lists():
            yield from (("parameter", name), *((echo(name), value) for value in values))


class BringScreensBack:
    """Has a screen on a wall ask again half a minute after an error page, which has no script that would."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code >= 500 and request.GET.get("kiosk") == "1":
            response["Refresh"] = str(SCREEN_RETRY_SECONDS)
        return response


class AnswerWithoutDatabase:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, (OperationalError, InterfaceError)) and not lacks_tables(error):
            return None
        logger.warning("Cannot show a page without the database: %s: %s", request.path, reason(error))
        # Without the request, because its user and messages are in the database.
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
