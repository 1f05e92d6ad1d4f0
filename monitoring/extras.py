"""What optional packages bring. Without them everything else works, and their addresses say what to install."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from monitoring.access import not_installed

OF_THE_API = ("ninja", "pydantic", "prometheus_client")


@cache
def api_or_none() -> Any:
    """The REST API; None without django-ninja."""
    try:
        from monitoring.api.endpoints import api
    except ModuleNotFoundError as error:
        _must_be_optional(error)
        return None
    return api


@cache
def openmetrics() -> Callable[..., HttpResponse]:
    """The view of `/metrics`, or one that says that it needs prometheus-client."""
    try:
        from monitoring.exposition.openmetrics import metrics
    except ModuleNotFoundError as error:
        _must_be_optional(error)
        return not_there
    return metrics


@login_not_required
def not_there(request: HttpRequest, **_: object) -> HttpResponse:  # noqa: ARG001
    return not_installed("api").response()


def _must_be_optional(error: ModuleNotFoundError) -> None:
    if (error.name or "").partition(".")[0] not in OF_THE_API:
        raise error
