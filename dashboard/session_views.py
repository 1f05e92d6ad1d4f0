"""The page of sessions: who left when and why, and who is still connected."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.gates import history_page
from dashboard.rendering import render_page
from dashboard.sessions_page import sessions_page
from dashboard.views import history_context


@history_page
def sessions(request: HttpRequest) -> HttpResponse:
    """Departures and open sessions that match the query string, the latest first."""
    context = {"nav": "sessions", **history_context(), **sessions_page(request.GET, timezone.now())}
    return render_page(request, "avatar_monitoring/sessions.html", context)
