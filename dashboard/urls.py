from django.urls import path

from dashboard import views

app_name = "dashboard"

urlpatterns = [
    path("", views.live, name="live"),
    path("clients/", views.clients, name="clients"),
    path("clients/<str:client_id>/", views.client, name="client"),
    path("alerts/", views.alerts, name="alerts"),
    path("trends/", views.trends, name="trends"),
]
