"""Everything that a project includes at a place of its choice: pages, API, `/metrics`."""

from django.urls import include, path

from dashboard import downloads, past, views
from monitoring.access import unavailable
from monitoring.extras import MissingExtraError, needed

try:
    with needed("prometheus_client"):
        from monitoring.exposition.openmetrics import metrics
except MissingExtraError as missing:
    metrics = unavailable(missing)

app_name = "avatar_monitoring"

urlpatterns = [
    path("", views.live, name="live"),
    path("live/past/", past.past, name="past"),
    path("live/past/moment/", past.moment, name="past-moment"),
    path("clients/", views.clients, name="clients"),
    path("clients/<str:client_id>/", views.client, name="client"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/export/", downloads.alerts, name="alerts-export"),
    path("trends/", views.trends, name="trends"),
    path("trends/export/", downloads.trends, name="trends-export"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("monitoring.api.urls")),
]
