"""The pages: current data comes over the WebSocket, past data comes with the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from dashboard import periods
from dashboard.answer_choices import answer_context
from dashboard.disconnect_view import may_disconnect
from dashboard.gates import history_page, viewer_page
from dashboard.page_parameters import ignored
from dashboard.periods import LONGEST_NAME, UnknownPeriodError
from dashboard.rendering import render_page
from dashboard.sessions_page import sessions_page
from dashboard.shown_rules import as_shown, known_rules
from dashboard.trends_page import trends_page
from monitoring import conf, runtime
from monitoring.core.inputs import echo, plain_text, whole_number
from monitoring.history.open_totals import add_totals
from monitoring.models import ClientSession
from monitoring.servers.viewers_socket import passed_through

CLIENT_PLACEHOLDER = "CLIENT-ID"
SESSIONS_PER_PAGE = 50
FIRST_SAMPLES = 2
"""Of the network only totals are measured: two samples have its rates."""


def browser_config() -> dict[str, Any]:
    """What the page's JavaScript needs to know; seconds, and thresholds in the metric's own unit."""
    monitoring = conf.current()
    return {
        "enabled": monitoring.enabled,
        "interval": monitoring.metrics_interval,
        **as_shown(known_rules()),
        "rules_url": reverse("avatar_monitoring:rules-json"),
        "ws_path": reverse("avatar_monitoring:socket"),
        "live_url": reverse("avatar_monitoring:live"),
        "client_url": reverse("avatar_monitoring:client", args=[CLIENT_PLACEHOLDER]),
        "placeholder": CLIENT_PLACEHOLDER,
        "history": bool(monitoring.redis_url) and settings.USE_TZ,
    }


def live_context(request: HttpRequest, nav: str) -> dict[str, Any]:
    """What a page with live numbers needs; `is_unwrapped` if this server does not run `monitored`."""
    context = {
        "nav": nav,
        "config": browser_config(),
        "is_unwrapped": passed_through(request) is False,
        # The package's name, which is another one where it is installed.
        "package": conf.__name__.partition(".")[0],
    }
    return context | history_context()


def history_context() -> dict[str, Any]:
    """Why the project keeps no history: `no_redis`, `no_time_zones`, or neither."""
    return {"no_redis": not conf.current().redis_url, "no_time_zones": not settings.USE_TZ}


def first_samples(request: HttpRequest) -> dict[str, Any] | None:
    """What this server measured last, so that the first numbers need no connection; None if it has measured nothing
    or cannot be asked on its own event loop, as from a WSGI application beside it."""
    hub = runtime.current().hub
    if hub is None or not len(hub.past) or not passed_through(request):
        return None

    async def on_the_servers_loop() -> dict[str, Any]:
        return hub.latest(FIRST_SAMPLES)

    return async_to_sync(on_the_servers_loop)()


@viewer_page
def live(request: HttpRequest) -> HttpResponse:
    context = live_context(request, "live") | answer_context(request) | ignored(request.GET, "live")
    context["config"] |= {"first_samples": first_samples(request)}
    return render_page(request, "avatar_monitoring/live.html", context)


@viewer_page
def clients(request: HttpRequest) -> HttpResponse:
    context = live_context(request, "clients") | ignored(request.GET, "clients")
    context["may_disconnect"] = may_disconnect(request)
    return render_page(request, "avatar_monitoring/clients.html", context)


@history_page
def client(request: HttpRequest, client_id: str) -> HttpResponse:
    """One client: its row while it is connected, and its stored sessions."""
    try:
        plain_text(client_id, LONGEST_NAME)
    except ValueError as error:
        raise UnknownPeriodError(f"client_id={echo(client_id)}: must be {error}") from None
    context = live_context(request, "clients") | ignored(request.GET, "client")
    past_url = reverse("avatar_monitoring:client-past", args=[client_id])
    context["config"] |= {"client_id": client_id, "past_url": past_url}
    sessions = ClientSession.objects.of_client(client_id).latest_first()
    page = _page(request, sessions, SESSIONS_PER_PAGE)
    add_totals(page)
    context["may_disconnect"] = may_disconnect(request)
    context |= {"client_id": client_id, "sessions": page, "shows": _names_shown(client_id, page)}
    context["last"] = ClientSession.objects.filter(client_id=client_id).latest_first().first()
    return render_page(request, "avatar_monitoring/client.html", context)


def _names_shown(client_id: str, sessions: Iterable[ClientSession]) -> dict[str, bool]:
    """Which columns of names are of use: those that say something, and ids if there are several."""
    rows = list(sessions)
    return {
        "id": any(row.client_id != client_id for row in rows),
        "user": any(row.user for row in rows),
        "room": any(row.room for row in rows),
    }


@history_page
def sessions(request: HttpRequest) -> HttpResponse:
    """Departures and open sessions that match the query string, the latest first."""
    context = {"nav": "sessions", **history_context(), **sessions_page(request.GET, timezone.now())}
    return render_page(request, "avatar_monitoring/sessions.html", context)


@history_page
def trends(request: HttpRequest) -> HttpResponse:
    """Stored series of a period; a period that cannot be shown is answered with 400."""
    now = timezone.now()
    period = periods.parse(request.GET, now)
    context = {"nav": "trends", **history_context(), **trends_page(period, now), **ignored(request.GET, "trends")}
    return render_page(request, "avatar_monitoring/trends.html", context)


def _page(request: HttpRequest, rows: QuerySet[Any], length: int) -> Page[Any]:
    """The page in the parameter `page`, by default the first; if it no longer exists, the last."""
    text = request.GET.get("page") or "1"
    try:
        return Paginator(rows, length).get_page(whole_number(text, 1))
    except ValueError:
        raise UnknownPeriodError(f"page={echo(text)}: must be a page number, from 1") from None
