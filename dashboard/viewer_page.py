"""Guards every page: what people see who may not open it, or who ask for something that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.access import PERMISSION
from dashboard.periods import UnknownPeriodError

View = Callable[..., HttpResponse]


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
