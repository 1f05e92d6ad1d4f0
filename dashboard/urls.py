"""Everything that a project includes at a place of its choice: pages, API, `/metrics`."""

from django.urls import include, path

from dashboard import alert_actions, alert_views, downloads, past, rule_views, views
from dashboard.api_docs import api_docs
from dashboard.client_past import client_past
from dashboard.counting_icon import counting_icon
from dashboard.disconnect_view import disconnect
from dashboard.kiosk_view import kiosk, kiosk_state
from dashboard.languages import texts
from dashboard.past_events import past_events
from dashboard.shown_rules import rules
from dashboard.sign_out import sign_out
from dashboard.socket_address import socket
from monitoring.exposition.openmetrics import metrics

app_name = "avatar_monitoring"

urlpatterns = [
    path("", views.live, name="live"),
    path("live/past/", past.past, name="past"),
    path("live/past/moment/", past.moment, name="past-moment"),
    path("live/past/events/", past_events, name="past-events"),
    path("clients/", views.clients, name="clients"),
    path("clients/<str:client_id>/", views.client, name="client"),
    path("clients/<str:client_id>/past/", client_past, name="client-past"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/export/", downloads.sessions, name="sessions-export"),
    path("sessions/disconnect/", disconnect, name="disconnect"),
    path("alerts/", alert_views.alerts, name="alerts"),
    path("alerts/<int:number>/", alert_views.alert, name="alert"),
    path("alerts/waiting.json", alert_views.waiting, name="alerts-waiting"),
    path("alerts/icon.svg", counting_icon, name="alerts-icon"),
    path("alerts/answer/", alert_actions.answer, name="answer"),
    path("alerts/silences/", alert_views.silences, name="silences"),
    path("alerts/silences/new/", alert_actions.silence, name="silence-new"),
    path("alerts/silences/<int:number>/end/", alert_actions.end_silence, name="silence-end"),
    path("alerts/rules.json", rules, name="rules-json"),
    path("alerts/rules/", rule_views.rules, name="rules"),
    path("alerts/rules/<str:name>/", rule_views.rule, name="rule"),
    path("alerts/export/", downloads.alerts, name="alerts-export"),
    path("trends/", views.trends, name="trends"),
    path("trends/export/", downloads.trends, name="trends-export"),
    path("kiosk/", kiosk, name="kiosk"),
    path("kiosk/state.json", kiosk_state, name="kiosk-state"),
    path("ws/metrics/", socket, name="socket"),
    path("texts/<str:language>.js", texts, name="texts"),
    path("sign-out/", sign_out, name="sign-out"),
    path("metrics", metrics, name="metrics"),
    path("api/docs", api_docs, name="api-docs"),
    path("api/", include("monitoring.api.urls")),
]
