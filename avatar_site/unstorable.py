"""Middleware: refuses what no database can store before anything looks it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from monitoring.core.inputs import UNSTORABLE, echo

GetResponse = Callable[[HttpRequest], HttpResponseBase]


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
