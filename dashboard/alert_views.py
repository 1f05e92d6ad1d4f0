"""The pages about alerts: all of them, one of them, and what is silenced."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from dashboard.alert_page import alert_page
from dashboard.alerts_page import alerts_page
from dashboard.answer_choices import answer_context
from dashboard.attention import attention
from dashboard.gates import history_page, viewer_data
from dashboard.page_parameters import ignored
from dashboard.rendering import render_page
from dashboard.silences_page import silences_page
from dashboard.views import history_context
from monitoring.core.inputs import HIGHEST, whole_number
from monitoring.models import Alert


@history_page
def alerts(request: HttpRequest) -> HttpResponseBase:
    """What is active, grouped by rule, a timeline, and past episodes, as far as they match the query string."""
    if address := _episode_of(request.GET.get("episode", "")):
        return HttpResponseRedirect(address)
    context = _context(request) | alerts_page(request.GET, timezone.now())
    return render_page(request, "avatar_monitoring/alerts.html", context)


def _episode_of(text: str) -> str | None:
    """Where earlier releases' addresses of a single alert lead; None for another address."""
    try:
        return reverse("avatar_monitoring:alert", args=[whole_number(text, 1)])
    except ValueError:
        return None


@history_page
def alert(request: HttpRequest, number: int) -> HttpResponse:
    """One episode: facts, chart, log and notices."""
    found = Alert.objects.numbered(number).first() if number <= HIGHEST else None
    if found is None:
        return render_page(request, "avatar_monitoring/no_such_alert.html", {"number": number}, status=404)
    context = _context(request) | alert_page(found, timezone.now()) | ignored(request.GET, "alert")
    return render_page(request, "avatar_monitoring/alert.html", context)


@history_page
def silences(request: HttpRequest) -> HttpResponse:
    """Silences and maintenance windows, with what each hides now."""
    context = _context(request) | silences_page(timezone.now()) | ignored(request.GET, "silences")
    return render_page(request, "avatar_monitoring/silences.html", context)


@viewer_data
def waiting(_: HttpRequest) -> dict[str, Any]:
    """What every page's title counts: `dashboard.attention.attention`."""
    return attention(timezone.now())


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"nav": "alerts", **history_context(), **answer_context(request)}
