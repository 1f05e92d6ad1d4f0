"""Middleware: while the database is away, a page that needs it is one log line and a 503, not a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from monitoring.unmigrated import lacks_tables, reason

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5


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
