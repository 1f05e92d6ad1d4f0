"""The pages: current data comes over the WebSocket, past data comes with the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from dashboard import periods
from dashboard.gates import history_page, viewer_page
from dashboard.periods import LONGEST_NAME, UnknownPeriodError
from dashboard.rendering import render_page
from dashboard.shown_rules import as_shown, known_rules
from dashboard.trends_page import trends_page
from monitoring import conf
from monitoring.core.inputs import echo, plain_text, whole_number
from monitoring.models import Alert, ClientSession
from monitoring.models.alert import STATES, AlertQuerySet
from monitoring.servers.viewers_socket import passed_through

CLIENT_PLACEHOLDER = "CLIENT-ID"
ALERTS_PER_PAGE = 50
SESSIONS_PER_PAGE = 50
FIRING_ROWS = 100
METRICS = {
    "cpu_percent": "CPU",
    "memory_percent": "Memory",
    "latency_ms": "Latency",
    "stale_client_seconds": "Stale client",
    "journal_lag_seconds": "Journal lag",
    "store_lag_seconds": "Storage lag",
    "clock_skew_seconds": "Clock skew",
    "evictable_percent": "Evictable Redis memory",
}


def browser_config() -> dict[str, Any]:
    """What the page's JavaScript needs to know; seconds, and thresholds in the metric's own unit."""
    monitoring = conf.current()
    return {
        "enabled": monitoring.enabled,
        "interval": monitoring.metrics_interval,
        **as_shown(known_rules()),
        "rules_url": reverse("avatar_monitoring:rules-json"),
        "ws_path": reverse("avatar_monitoring:socket"),
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


@viewer_page
def live(request: HttpRequest) -> HttpResponse:
    return render_page(request, "avatar_monitoring/live.html", live_context(request, "live"))


@viewer_page
def clients(request: HttpRequest) -> HttpResponse:
    return render_page(request, "avatar_monitoring/clients.html", live_context(request, "clients"))


@history_page
def client(request: HttpRequest, client_id: str) -> HttpResponse:
    """One client: its row while it is connected, and its stored sessions."""
    try:
        plain_text(client_id, LONGEST_NAME)
    except ValueError as error:
        raise UnknownPeriodError(f"client_id={echo(client_id)}: must be {error}") from None
    context = live_context(request, "clients")
    context["config"]["client_id"] = client_id
    sessions = ClientSession.objects.of_client(client_id).latest_first()
    page = _page(request, sessions, SESSIONS_PER_PAGE)
    context |= {"client_id": client_id, "sessions": page, "shows": _names_shown(client_id, page)}
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
def alerts(request: HttpRequest) -> HttpResponse:
    """Alerts that are firing or whose end is unknown, then past ones, one page at a time."""
    form, episodes = AlertFilter.of(request.GET)
    # Warnings come before information: the alphabet happens to order their names the other way round.
    firing = episodes.firing().order_by("-severity", "-started_at", "-id")
    shown = list(firing[:FIRING_ROWS])
    context = {
        "nav": "alerts",
        **history_context(),
        "filter": form,
        "filtered": bool(form.chosen),
        "episode": form.chosen.get("episode"),
        "firing": shown,
        "known_until": shown[0].known_until if shown else None,
        "firing_count": firing.count(),
        "history": _page(request, episodes.resolved(), ALERTS_PER_PAGE),
    }
    return render_page(request, "avatar_monitoring/alerts.html", context)


@history_page
def trends(request: HttpRequest) -> HttpResponse:
    """Stored series of a period; a period that cannot be shown is answered with 400."""
    now = timezone.now()
    period = periods.parse(request.GET, now)
    context = {"nav": "trends", **history_context(), **trends_page(period, now)}
    return render_page(request, "avatar_monitoring/trends.html", context)


def _page(request: HttpRequest, rows: QuerySet[Any], length: int) -> Page[Any]:
    """The page in the parameter `page`, by default the first; if it no longer exists, the last."""
    text = request.GET.get("page") or "1"
    try:
        return Paginator(rows, length).get_page(whole_number(text, 1))
    except ValueError:
        raise UnknownPeriodError(f"page={echo(text)}: must be a page number, from 1") from None


class AlertFilter(forms.Form):
    """Which episodes the alerts page shows; every field may be empty."""

    severity = forms.ChoiceField(required=False, choices=[("", "All"), ("warning", "Warning"), ("info", "Info")])
    metric = forms.ChoiceField(required=False, choices=[("", "All"), *METRICS.items()])
    episode = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    state = forms.ChoiceField(required=False, choices=[("", "All"), *STATES.items()])

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid fields that are not empty."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_bound else {}

    def apply(self, episodes: AlertQuerySet) -> AlertQuerySet:
        """The matching episodes; invalid fields match everything."""
        self.is_valid()
        chosen = self.chosen
        if state := chosen.pop("state", None):
            episodes = episodes.in_state(state)
        if number := chosen.pop("episode", None):
            episodes = episodes.numbered(number)
        return episodes.filter(**chosen)

    @classmethod
    def of(cls, query: Any) -> tuple[AlertFilter, AlertQuerySet]:
        """The filter in a query string, and the matching episodes, newest first."""
        form = cls(query)
        return form, form.apply(Alert.objects.latest_first())
